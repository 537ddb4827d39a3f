// How all questions to the API behave.
import { QueryClient } from "@tanstack/react-query";
import { troubleOf } from "./problem";

const AGAIN = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Live events say what changed; this is for what they do not tell.
      staleTime: 15_000,
      // What the server decided stays decided; only its absence may pass.
      retry: (count, error) => {
        const { status } = troubleOf(error);
        return count < AGAIN && (status === 0 || status >= 502);
      },
      throwOnError: false,
    },
    mutations: { retry: false },
  },
});

// API keys. The text of a new one is in the answer to its making and nowhere else.
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import {
  listApiKeysInfiniteOptions,
  makeApiKeyMutation,
  readApiKeyOptions,
  revokeApiKeyMutation,
} from "~/client/@tanstack/react-query.gen";

const MOST = 100;

export const useApiKeys = () =>
  useInfiniteQuery({
    ...listApiKeysInfiniteOptions({ query: { limit: MOST } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

export const useApiKey = (id: string) => useQuery(readApiKeyOptions({ path: { id } }));

function useRenew() {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: [{ _id: "listApiKeys" }] });
    await queries.invalidateQueries({ queryKey: [{ _id: "readApiKey" }] });
  };
}

/** Its answer is forgotten with the dialog that shows it. */
export const useMakeKey = () =>
  useMutation({ ...makeApiKeyMutation(), gcTime: 0, onSuccess: useRenew() });

export const useRevokeKey = () =>
  useMutation({ ...revokeApiKeyMutation(), onSuccess: useRenew() });

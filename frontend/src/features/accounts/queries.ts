// AWS accounts and the credentials that lead into them.
import {
  useMutation,
  useQuery,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { A_PAGE, everyPage } from "~/api/pages";
import { listAccounts, listCredentials } from "~/client";
import {
  connectCredentialsMutation,
  listAccountsQueryKey,
  listCredentialsQueryKey,
  readAccountOptions,
  readCredentialsOptions,
  showOnboardingOptions,
  verifyCredentialsMutation,
} from "~/client/@tanstack/react-query.gen";

const LOOK_EVERY_MS = 2_000;

/** All of them: fields offer each. */
export function useAccounts() {
  return useQuery({
    queryKey: [...listAccountsQueryKey(), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { limit: A_PAGE, cursor };
        return (await listAccounts({ query, signal })).data;
      }),
  });
}

export const accountQuery = (id: string) => readAccountOptions({ path: { id } });

export function useCredentialsOf(accountId?: string) {
  const of = { aws_account_id: accountId ?? null };
  return useQuery({
    queryKey: [...listCredentialsQueryKey({ query: of }), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { ...of, limit: A_PAGE, cursor };
        return (await listCredentials({ query, signal })).data;
      }),
  });
}

export const credentialsQuery = (id: string) => readCredentialsOptions({ path: { id } });

/** Looked at again until its verification has an outcome, for the wizard waits for it. */
export function useCredentials(id: string) {
  return useSuspenseQuery({
    ...credentialsQuery(id),
    refetchInterval: ({ state }) =>
      state.data?.verification_pending || state.data?.status === "pending"
        ? LOOK_EVERY_MS
        : false,
  });
}

export function useOnboarding() {
  return useQuery({ ...showOnboardingOptions(), staleTime: Number.POSITIVE_INFINITY });
}

export const useConnect = () => useMutation(connectCredentialsMutation());

export function useVerify() {
  const queries = useQueryClient();
  return useMutation({
    ...verifyCredentialsMutation(),
    onSuccess: (asked) =>
      queries.setQueryData(
        readCredentialsOptions({ path: { id: asked.id } }).queryKey,
        asked,
      ),
  });
}

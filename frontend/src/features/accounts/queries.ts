// AWS accounts and the credentials that lead into them.
import {
  useMutation,
  useQuery,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import {
  connectCredentialsMutation,
  listAccountsOptions,
  listCredentialsOptions,
  readAccountOptions,
  readCredentialsOptions,
  showOnboardingOptions,
  verifyCredentialsMutation,
} from "~/client/@tanstack/react-query.gen";

const MOST = 100;
const LOOK_EVERY_MS = 2_000;

export function useAccounts() {
  return useQuery(listAccountsOptions({ query: { limit: MOST } }));
}

export const accountQuery = (id: string) => readAccountOptions({ path: { id } });

export function useCredentialsOf(accountId?: string) {
  return useQuery(
    listCredentialsOptions({ query: { limit: MOST, aws_account_id: accountId ?? null } }),
  );
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

// One's own password, second factor and sessions: what is asked of the server about them.
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { forget } from "~/api/session";
import { exportOneself } from "~/client";
import {
  changePasswordMutation,
  confirmAuthenticatorMutation,
  deleteAccountMutation,
  endSessionMutation,
  enrolAuthenticatorMutation,
  listSessionsInfiniteOptions,
  logoutEverywhereMutation,
  renewRecoveryCodesMutation,
  showMfaOptions,
  turnOffMfaMutation,
} from "~/client/@tanstack/react-query.gen";

const A_PAGE = 25;

/** What is shown of oneself is asked anew. */
function useRenew(ids: readonly string[]) {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(
      ids.map((_id) => queries.invalidateQueries({ queryKey: [{ _id }] })),
    );
  };
}

export function useChangePassword() {
  const onSuccess = useRenew(["listSessions"]);
  return useMutation({ ...changePasswordMutation(), onSuccess });
}

export const useMfa = () => useQuery(showMfaOptions());
export const useEnrol = () => useMutation(enrolAuthenticatorMutation());

const ABOUT_MFA = ["showMfa", "me"];

/** What shows it is told once the recovery codes were kept: see `useMfaChanged`. */
export const useConfirm = () => useMutation(confirmAuthenticatorMutation());
export const useRenewCodes = () => useMutation(renewRecoveryCodesMutation());
export const useMfaChanged = () => useRenew(ABOUT_MFA);

export function useTurnOff() {
  const onSuccess = useRenew(ABOUT_MFA);
  return useMutation({ ...turnOffMfaMutation(), onSuccess });
}

export function useSessions() {
  return useInfiniteQuery({
    ...listSessionsInfiniteOptions({ query: { limit: A_PAGE } }),
    initialPageParam: {},
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useEndSession() {
  const onSettled = useRenew(["listSessions"]);
  return useMutation({ ...endSessionMutation(), onSettled });
}

/** Nobody is signed in here any more. */
function useGone() {
  const queries = useQueryClient();
  return () => {
    forget();
    queries.clear();
  };
}

export function useEndEverywhere() {
  const onSuccess = useGone();
  return useMutation({ ...logoutEverywhereMutation(), onSuccess });
}

export function useDeleteAccount() {
  const onSuccess = useGone();
  return useMutation({ ...deleteAccountMutation(), onSuccess });
}

/** All that is kept about oneself, as the server sends it. */
export const askAboutOneself = () => exportOneself({ responseType: "blob" });

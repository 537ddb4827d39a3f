// Who is signed in, and all ways in and out.
import {
  queryOptions,
  useMutation,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { choose, forget, signOut, take } from "~/api/session";
import type { Permission } from "~/client";
import {
  acceptInvitationMutation,
  changeOneselfMutation,
  forgotPasswordMutation,
  loginMutation,
  meOptions,
  readInvitationMutation,
  registerMutation,
  resetPasswordMutation,
  stepUpSessionMutation,
  switchMutation,
  verifyEmailMutation,
} from "~/client/@tanstack/react-query.gen";
import { HERE } from "~/parts/zones";

export const meQuery = queryOptions({ ...meOptions(), staleTime: 60_000 });

export function useMe() {
  return useSuspenseQuery(meQuery).data;
}

/** Whether one may, in the organization one is in. */
export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}

/** The zone in which one's times of day are meant: one's own, else the browser's. */
export function useZone(): string {
  return useMe().user.timezone ?? HERE ?? "UTC";
}

export function useChangeOneself() {
  const queries = useQueryClient();
  return useMutation({
    ...changeOneselfMutation(),
    onSuccess: () => queries.invalidateQueries({ queryKey: [{ _id: "me" }] }),
  });
}

export function useSignIn() {
  return useMutation({ ...loginMutation(), onSuccess: take });
}

export function useRegister() {
  return useMutation({
    ...registerMutation(),
    onSuccess: (made) => {
      take(made);
      choose(made.organization.id);
    },
  });
}

export const useVerifyEmail = () => useMutation(verifyEmailMutation());
export const useForgotPassword = () => useMutation(forgotPasswordMutation());
export const useResetPassword = () => useMutation(resetPasswordMutation());
export const useReadInvitation = () => useMutation(readInvitationMutation());
export const useAcceptInvitation = () => useMutation(acceptInvitationMutation());
export const useStepUp = () => useMutation(stepUpSessionMutation());

/** Another of one's organizations, in this tab; nothing of the last one stays shown. */
export function useSwitch() {
  const queries = useQueryClient();
  return useMutation({
    ...switchMutation(),
    onSuccess: (granted, { body }) => {
      take(granted);
      choose(body.organization_id);
      queries.clear();
    },
  });
}

/** Sign out; where the server cannot be asked, one is told and stays signed in. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      forget();
      queries.clear();
    },
  });
}

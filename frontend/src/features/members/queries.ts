// Members, those who are invited, and how many the plan has room for.
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import {
  changeMemberMutation,
  inviteMutation,
  leaveOrganizationMutation,
  listInvitationsInfiniteOptions,
  listMembersInfiniteOptions,
  readUsageOptions,
  removeMemberMutation,
  transferOrganizationMutation,
  withdrawInvitationMutation,
} from "~/client/@tanstack/react-query.gen";

const MOST = 100;

export const useMembers = () =>
  useInfiniteQuery({
    ...listMembersInfiniteOptions({ query: { limit: MOST } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** Only who may see them asks. */
export const useInvitations = (may: boolean) =>
  useInfiniteQuery({
    ...listInvitationsInfiniteOptions({ query: { limit: MOST } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: may,
  });

/** Places for members: how many the plan has, and how many are taken. */
export const useSeats = (may: boolean) =>
  useQuery({
    ...readUsageOptions(),
    enabled: may,
    select: ({ items }) => items.find(({ metric }) => metric === "members"),
  });

const TEAM = ["listMembers", "listInvitations", "readUsage", "me"];

/** Not waited for: a dialog whose member is gone from the list could say nothing more. */
function useRenew() {
  const queries = useQueryClient();
  return () => {
    for (const _id of TEAM) void queries.invalidateQueries({ queryKey: [{ _id }] });
  };
}

export const useChangeMember = () =>
  useMutation({ ...changeMemberMutation(), onSuccess: useRenew() });

export const useRemoveMember = () =>
  useMutation({ ...removeMemberMutation(), onSuccess: useRenew() });

export const useTransfer = () =>
  useMutation({ ...transferOrganizationMutation(), onSuccess: useRenew() });

export const useLeave = () => useMutation(leaveOrganizationMutation());

/** Waited for: an invitation takes the place of an earlier one in the list. */
export function useInvite() {
  const queries = useQueryClient();
  return useMutation({
    ...inviteMutation(),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: [{ _id: "listInvitations" }] }),
  });
}

export const useWithdraw = () =>
  useMutation({ ...withdrawInvitationMutation(), onSuccess: useRenew() });

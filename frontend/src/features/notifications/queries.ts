// Channels, webhook endpoints, rules and mutes: all that is asked of the server.
import {
  type QueryKey,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { A_PAGE, everyPage } from "~/api/pages";
import {
  checkChannel,
  checkEndpoint,
  getNotificationRule,
  listNotificationMutes,
  type MuteRead,
  readChannel,
  readEndpoint,
} from "~/client";
import {
  addChannelMutation,
  addEndpointMutation,
  askForConfirmationMutation,
  confirmChannelMutation,
  deleteChannelMutation,
  deleteEndpointMutation,
  deleteNotificationRuleMutation,
  editNotificationRuleMutation,
  getNotificationRuleQueryKey,
  liftNotificationMuteMutation,
  listChannelsOptions,
  listEndpointsOptions,
  listNotificationMutesOptions,
  listNotificationMutesQueryKey,
  listNotificationRulesOptions,
  makeNotificationMuteMutation,
  makeNotificationRuleMutation,
  previewNotificationRuleMutation,
  readChannelQueryKey,
  readEndpointQueryKey,
  rotateSecretMutation,
  updateChannelMutation,
  updateEndpointMutation,
} from "~/client/@tanstack/react-query.gen";
import { OUTLIVES_PAGE } from "~/parts/soon";
import type { Tagged } from "./useMeeting";

/** Who is told something: a channel, or a webhook endpoint. */
export type Kind = "channel" | "endpoint";

const MOST = 100;
const LOOK_EVERY_MS = 2_000;
const CHANNELS = ["listChannels", "readChannel"];
const ENDPOINTS = ["listEndpoints", "readEndpoint"];
const RULES = ["listNotificationRules", "getNotificationRule"];
const MUTES = ["listNotificationMutes"];

/** Read anew what a change has made old; a button stays busy until it is. */
export function useRenew(ids: readonly string[]) {
  const queries = useQueryClient();
  return () =>
    queries.invalidateQueries({
      predicate: ({ queryKey }) =>
        ids.includes((queryKey[0] as { _id?: string })._id ?? ""),
    });
}

type Pending = { test_pending: boolean };
const untilTested = (items: readonly Pending[] | undefined) =>
  items?.some(({ test_pending }) => test_pending) ? LOOK_EVERY_MS : false;

export const useChannels = (enabled = true) =>
  useQuery({
    ...listChannelsOptions({ query: { limit: MOST } }),
    enabled,
    refetchInterval: ({ state }) => untilTested(state.data?.items),
  });

export const useEndpoints = () =>
  useQuery({
    ...listEndpointsOptions({ query: { limit: MOST } }),
    refetchInterval: ({ state }) => untilTested(state.data?.items),
  });

type Reading<T> = (id: string, signal: AbortSignal) => Promise<T>;
type Answer<T> = { data: T; headers: { etag?: string } | object };

/** With the tag that a change of it names. */
function tagged<T>({ data, headers }: Answer<T>): Tagged<T> {
  const tag = "etag" in headers ? headers.etag : undefined;
  if (!tag) throw new Error("The answer has no tag.");
  return { ...data, tag };
}

export const channelOf = async (id: string, signal?: AbortSignal) =>
  tagged(await readChannel({ path: { id }, signal }));
export const endpointOf = async (id: string, signal?: AbortSignal) =>
  tagged(await readEndpoint({ path: { id }, signal }));
export const ruleOf = async (id: string, signal?: AbortSignal) =>
  tagged(await getNotificationRule({ path: { id }, signal }));

const queryOf = <T>(queryKey: QueryKey, id: string, read: Reading<T>) =>
  queryOptions({ queryKey, queryFn: ({ signal }) => read(id, signal) });

export const channelQuery = (id: string) =>
  queryOf(readChannelQueryKey({ path: { id } }), id, channelOf);
export const endpointQuery = (id: string) =>
  queryOf(readEndpointQueryKey({ path: { id } }), id, endpointOf);
export const ruleQuery = (id: string) =>
  queryOf(getNotificationRuleQueryKey({ path: { id } }), id, ruleOf);

/** Looked at again until its test has an outcome, for somebody waits for it. */
export const useChannel = (id: string) =>
  useSuspenseQuery({
    ...channelQuery(id),
    refetchInterval: ({ state }) => untilTested(state.data && [state.data]),
  });

export const useEndpoint = (id: string) =>
  useSuspenseQuery({
    ...endpointQuery(id),
    refetchInterval: ({ state }) => untilTested(state.data && [state.data]),
  });

export const useRules = (enabled = true) =>
  useQuery({ ...listNotificationRulesOptions({ query: { limit: MOST } }), enabled });

export const useMutes = (cursor?: string) =>
  useQuery(
    listNotificationMutesOptions({
      query: { limit: MOST, ...(cursor ? { cursor } : {}) },
    }),
  );

/** All that stand, to find the one of a thing among them. */
export const useEveryMute = (enabled: boolean) =>
  useQuery({
    queryKey: [...listNotificationMutesQueryKey(), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { limit: A_PAGE, cursor };
        return (await listNotificationMutes({ query, signal })).data;
      }),
    enabled,
  });

export function useTest(kind: Kind) {
  const renew = useRenew(kind === "channel" ? CHANNELS : ENDPOINTS);
  return useMutation({
    mutationFn: async (id: string) => {
      const path = { id };
      await (kind === "channel" ? checkChannel({ path }) : checkEndpoint({ path }));
    },
    onSuccess: renew,
  });
}

export function useAddChannel() {
  return useMutation({ ...addChannelMutation(), onSuccess: useRenew(CHANNELS) });
}
export function useUpdateChannel() {
  return useMutation({ ...updateChannelMutation(), onSuccess: useRenew(CHANNELS) });
}
export function useDeleteChannel() {
  const renew = useRenew(["listChannels", ...RULES, ...MUTES]);
  return useMutation({ ...deleteChannelMutation(OUTLIVES_PAGE), onSuccess: renew });
}
export function useAskForConfirmation() {
  return useMutation({ ...askForConfirmationMutation(), onSuccess: useRenew(CHANNELS) });
}
export const useConfirmChannel = () => useMutation(confirmChannelMutation());

export function useAddEndpoint() {
  return useMutation({ ...addEndpointMutation(), onSuccess: useRenew(ENDPOINTS) });
}
export function useUpdateEndpoint() {
  return useMutation({ ...updateEndpointMutation(), onSuccess: useRenew(ENDPOINTS) });
}
export function useDeleteEndpoint() {
  const renew = useRenew(["listEndpoints"]);
  return useMutation({ ...deleteEndpointMutation(OUTLIVES_PAGE), onSuccess: renew });
}
export function useRotateSecret() {
  return useMutation({ ...rotateSecretMutation(), onSuccess: useRenew(ENDPOINTS) });
}

export function useMakeRule() {
  return useMutation({ ...makeNotificationRuleMutation(), onSuccess: useRenew(RULES) });
}
export function useEditRule() {
  return useMutation({ ...editNotificationRuleMutation(), onSuccess: useRenew(RULES) });
}
export function useDeleteRule() {
  const renew = useRenew(["listNotificationRules", ...MUTES]);
  return useMutation({
    ...deleteNotificationRuleMutation(OUTLIVES_PAGE),
    onSuccess: renew,
  });
}
export const usePreviewRule = () => useMutation(previewNotificationRuleMutation());

export function useMakeMute() {
  return useMutation({ ...makeNotificationMuteMutation(), onSuccess: useRenew(MUTES) });
}
export function useLiftMute() {
  return useMutation({ ...liftNotificationMuteMutation(), onSuccess: useRenew(MUTES) });
}

export const SUBJECTS = [
  "task_id",
  "account_id",
  "problem_id",
  "channel_id",
  "rule_id",
] as const satisfies readonly (keyof MuteRead)[];
export type SubjectKind = (typeof SUBJECTS)[number];

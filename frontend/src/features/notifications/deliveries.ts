// The log of what a channel or an endpoint was told.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { DeliveryRead, NoticeEvent } from "~/client";
import {
  listDeliveries,
  listDeliveriesOfChannel,
  listDeliveriesOfEndpoint,
  replayDeliveriesOfChannel,
  replayDeliveriesOfEndpoint,
} from "~/client";
import { replayDeliveryMutation } from "~/client/@tanstack/react-query.gen";
import type { LogSearch } from "./places";
import { type Kind, useRenew } from "./queries";

const MOST = 50;
const LOOK_EVERY_MS = 5_000;
const LOG = ["listDeliveries", "readChannel", "readEndpoint"];

export type LogFilter = Pick<LogSearch, "status" | "event" | "cursor">;

export type Recipient = { kind: Kind; id: string };

/** Of all recipients without one. Looked at again while something of what is shown is on
 * its way. */
export function useDeliveries(to: Recipient | undefined, filter: LogFilter) {
  const { status, event, cursor } = filter;
  const query = {
    limit: MOST,
    ...(status ? { status } : {}),
    ...(event ? { event: event as NoticeEvent } : {}),
    ...(cursor ? { cursor } : {}),
  };
  return useQuery({
    queryKey: [{ _id: "listDeliveries", ...to, query }],
    queryFn: async ({ signal }) => {
      if (!to) return (await listDeliveries({ query, signal })).data;
      const asked = { path: { id: to.id }, query, signal };
      return to.kind === "channel"
        ? (await listDeliveriesOfChannel(asked)).data
        : (await listDeliveriesOfEndpoint(asked)).data;
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((one) => one.status === "pending") ? LOOK_EVERY_MS : false,
  });
}

export function useReplay() {
  return useMutation({ ...replayDeliveryMutation(), onSuccess: useRenew(LOG) });
}

export function useReplayAll(kind: Kind, id: string) {
  return useMutation({
    mutationFn: async (since: string) => {
      const asked = { path: { id }, body: { since } };
      return kind === "channel"
        ? (await replayDeliveriesOfChannel(asked)).data
        : (await replayDeliveriesOfEndpoint(asked)).data;
    },
    onSuccess: useRenew(LOG),
  });
}

/** What was told, as a sentence. */
export function titleOf({ notice }: Pick<DeliveryRead, "notice">): string {
  return typeof notice.title === "string" && notice.title ? notice.title : "A notice";
}

/** What else is known, one sentence each. */
export function linesOf({ notice }: Pick<DeliveryRead, "notice">): string[] {
  const lines: unknown[] = Array.isArray(notice.lines) ? notice.lines : [];
  return lines.filter((line) => typeof line === "string");
}

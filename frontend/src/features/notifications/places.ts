// What of the notifications stands in a URL.
import { oneOf, type Search, textOf } from "~/parts/search";

export const TABS = ["channels", "rules", "endpoints", "mutes", "deliveries"] as const;
export type Tab = (typeof TABS)[number];

export const STATUSES = ["pending", "delivered", "failed", "dead", "dropped"] as const;
const EVENT = /^[a-z]{1,20}(\.[a-z]{1,20})?$/;

export type LogSearch = {
  status?: (typeof STATUSES)[number];
  event?: string;
  cursor?: string;
  delivery?: string;
  edit?: true;
};

/** Of the page of a channel or an endpoint: which deliveries, and what is open. */
export function logSearch(search: Search): LogSearch {
  const event = textOf(search.event);
  return {
    status: oneOf(search.status, STATUSES),
    event: event && EVENT.test(event) ? event : undefined,
    cursor: textOf(search.cursor),
    delivery: textOf(search.delivery),
    edit: search.edit === true ? true : undefined,
  };
}

// What stands in the URL of the tasks' list. All pages' rules are loaded at the first visit,
// so no component is here.
import { idOf, oneOf, type Search, textOf } from "~/parts/search";

export const TYPES = ["health_check", "resource_list"] as const;
export const STATES = ["enabled", "paused"] as const;

export type TaskSearch = {
  q?: string;
  cursor?: string;
  type?: (typeof TYPES)[number];
  state?: (typeof STATES)[number];
  account?: string;
};

export const taskSearch = (search: Search): TaskSearch => ({
  q: textOf(search.q),
  cursor: textOf(search.cursor),
  type: oneOf(search.type, TYPES),
  state: oneOf(search.state, STATES),
  account: idOf(search.account),
});

/** What the API is asked for. */
export const filterOf = ({ q, cursor, type, state, account }: TaskSearch) => ({
  ...(q ? { q } : {}),
  ...(cursor ? { cursor } : {}),
  ...(type ? { type } : {}),
  ...(state ? { enabled: state === "enabled" } : {}),
  ...(account ? { account_id: account } : {}),
});

export const isFiltered = ({ q, type, state, account }: TaskSearch): boolean =>
  Boolean(q ?? type ?? state ?? account);

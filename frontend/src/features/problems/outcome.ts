// What a rerun of many did, in words.
import type { Rerun, RerunItem } from "~/client";

const WHY: Record<Exclude<RerunItem["outcome"], "started">, string> = {
  superseded: "A newer execution followed it",
  unfinished: "It has not ended yet",
  succeeded: "It succeeded",
  already_running: "Its task is at work",
  task_deleted: "Its task was deleted",
  not_targeted: "Its task no longer looks at this account",
  account_paused: "The plan has no room for this account, which it paused",
  unresolved: "An interrupted change waits for a person",
  plan_limit: "The plan has not enough left this month",
  filtered_out: "It did not fail of this",
};

export const whyNot = (outcome: RerunItem["outcome"]): string =>
  outcome === "started" ? "" : WHY[outcome];

/** "2 of 3 run again, 40 are left": no more than what happened. */
export function countOf({ items, not_shown }: Rerun): string {
  if (items.length === 0) return "Nothing is left to run again";
  const started = items.filter(({ outcome }) => outcome === "started").length;
  const left = not_shown > 0 ? `, ${not_shown} are left` : "";
  return `${started} of ${items.length} run again${left}`;
}

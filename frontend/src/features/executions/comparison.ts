// With which earlier execution one is compared, and what cannot be compared.
import type { ExecutionRead, NotComparable } from "~/client";

// One that was skipped, or has not begun, has read nothing.
const READ = ["succeeded", "failed", "interrupted", "cancelled"];

/** Those that can have read something, the newest first, as they come. */
export const comparableOf = (earlier: readonly ExecutionRead[]): ExecutionRead[] =>
  earlier.filter(({ status, started_at }) => started_at && READ.includes(status));

/** The id that is asked for, however old, else of the last that succeeded, else of the
 * last. */
export function comparedWith(
  comparable: readonly ExecutionRead[],
  asked: string | undefined,
): string | undefined {
  const best = comparable.find(({ status }) => status === "succeeded") ?? comparable[0];
  return asked ?? best?.id;
}

const WHY: Record<NotComparable["reason"], string> = {
  not_read: "not read by this one",
  not_read_before: "not read by the other one",
  catalog_version: "read under another version of the catalog",
};

/** "secretsmanager in 2 regions: not read by this one". */
export function obstaclesOf(items: readonly NotComparable[]): string[] {
  const regions = new Map<string, Set<string>>();
  for (const { service, region, reason } of items) {
    const name = `${service}/${reason}`;
    regions.set(name, (regions.get(name) ?? new Set()).add(region));
  }
  return [...regions].map(([name, all]) => {
    const [service, reason] = name.split("/") as [string, NotComparable["reason"]];
    const where = all.size === 1 ? [...all].join("") : `${all.size} regions`;
    return `${service} in ${where}: ${WHY[reason]}`;
  });
}

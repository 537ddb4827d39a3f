// What the last executions that list resources did and did not read.
import type { CoveredRead, ExecutionRead, ResultRead } from "~/client";

const ENDED = ["succeeded", "failed", "interrupted", "cancelled"];
const EVERYWHERE = "global";

/** Of each task on each account the newest execution that has ended. */
export function lastOfEach(executions: readonly ExecutionRead[]): ExecutionRead[] {
  const last = new Map<string, ExecutionRead>();
  for (const one of executions) {
    if (!ENDED.includes(one.status)) continue;
    const place = `${one.task_id} ${one.aws_account_id}`;
    const known = last.get(place);
    if (!known || known.created_at < one.created_at) last.set(place, one);
  }
  return [...last.values()];
}

type Asked = { service: string | undefined; region: string | undefined };

/** What was not read there; null where nothing is known of what it read. */
export function notRead(
  result: Pick<ResultRead, "coverage">,
  { service, region }: Asked,
): CoveredRead[] | null {
  if (!result.coverage) return null;
  return result.coverage.not_read.filter(
    (one) =>
      (service === undefined || one.service === service) &&
      (region === undefined || one.region === region || one.region === EVERYWHERE),
  );
}

/** "ec2 in us-east-1, sqs in 3 regions". */
export function placesOf(items: readonly CoveredRead[]): string {
  const regions = new Map<string, Set<string>>();
  for (const { service, region } of items) {
    regions.set(service, (regions.get(service) ?? new Set()).add(region));
  }
  return [...regions]
    .map(([service, all]) =>
      all.size === 1
        ? `${service} in ${[...all].join("")}`
        : `${service} in ${all.size} regions`,
    )
    .join(", ");
}

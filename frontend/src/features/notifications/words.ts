// What can be told, and what becomes of it, as people say it.
import type { ChannelType, DropReason, NoticeEvent } from "~/client";

export type Choice = { id: string; label: string; group?: string };

/** All but the test, which goes to the channel it is of. */
const TOLD: readonly [NoticeEvent, string, string][] = [
  ["problem.opened", "A new problem", "Problems"],
  ["problem.closed", "The end of a problem", "Problems"],
  ["execution.failed", "An execution failed", "Executions"],
  ["execution.interrupted", "An execution was interrupted", "Executions"],
  ["execution.skipped", "An execution was skipped", "Executions"],
  ["execution.cancelled", "An execution was cancelled", "Executions"],
  ["execution.succeeded", "An execution succeeded", "Executions"],
  ["execution.recovered", "A task succeeds again", "Executions"],
  ["health.degraded", "The health got worse", "Health and resources"],
  ["health.recovered", "The health got better", "Health and resources"],
  ["resource.changed", "Resources changed", "Health and resources"],
  ["credentials.invalid", "AWS credentials do not work", "The organization"],
  ["credentials.recovered", "AWS credentials work again", "The organization"],
  ["subscription.changed", "The subscription changed", "The organization"],
  ["subscription.read_only", "The organization is read-only", "The organization"],
  ["usage.near", "A limit of the plan is near", "The organization"],
  ["usage.reached", "A limit of the plan is reached", "The organization"],
  ["channel.failing", "A channel is failing", "The organization"],
  ["channel.recovered", "A channel works again", "The organization"],
];

export const EVENTS: readonly Choice[] = TOLD.map(([id, label, group]) => ({
  id,
  label,
  group,
}));

const LABELS = new Map<string, string>([
  ...TOLD.map(([id, label]) => [id, label] as const),
  ["test", "A test"],
]);

/** One that is not known here is shown as it came. */
export const eventOf = (event: string): string => LABELS.get(event) ?? event;

export const TYPES: Record<ChannelType, string> = {
  email: "E-mail",
  slack: "Slack",
  teams: "Microsoft Teams",
  discord: "Discord",
  pagerduty: "PagerDuty",
  opsgenie: "Opsgenie",
  sns: "Amazon SNS",
};

export const DROPPED: Record<DropReason, string> = {
  muted: "It was muted.",
  channel_deleted: "The channel was deleted.",
  channel_disabled: "The channel was disabled.",
  not_confirmed: "Nobody had confirmed the address.",
};

/** "A new problem, The end of a problem and 3 more". */
export function someOf(words: readonly string[], most = 3): string {
  const left = words.length - most;
  return words.slice(0, most).join(", ") + (left > 0 ? ` and ${left} more` : "");
}

export const SUBJECT_NAMES = {
  task_id: "Task",
  account_id: "AWS account",
  problem_id: "Problem",
  channel_id: "Channel",
  rule_id: "Rule",
} as const;

// A rule's times, in words.
import type { RuleRead } from "~/client";
import { typedSpan } from "./span";

type Timed = Pick<
  RuleRead,
  "after" | "delay_seconds" | "repeat_seconds" | "digest" | "quiet_hours" | "recovery"
>;

const DAY_NAMES: Record<string, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

export const dayOf = (day: string): string => DAY_NAMES[day] ?? day;

/** "At once; again every 1 d", "As a digest, daily at 09:00 (UTC)". */
export function timesOf(rule: Timed): string {
  const { after, delay_seconds, repeat_seconds, digest, quiet_hours: quiet } = rule;
  const said: string[] = [];
  if (digest) {
    const when = digest.day ? `on ${dayOf(digest.day)}` : "daily";
    said.push(`as a digest, ${when} at ${digest.at} (${digest.timezone})`);
  } else {
    said.push(delay_seconds > 0 ? `after ${typedSpan(delay_seconds)}` : "at once");
  }
  if (after) said.push(`at failure ${after} in a row`);
  if (repeat_seconds) said.push(`again every ${typedSpan(repeat_seconds)}`);
  if (quiet) {
    said.push(`quiet from ${quiet.begin} until ${quiet.until} (${quiet.timezone})`);
  }
  if (!rule.recovery) said.push("not the end");
  const text = said.join("; ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

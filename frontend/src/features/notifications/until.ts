// Until when something is muted.
export const SPANS = [
  { id: "hour", label: "For an hour" },
  { id: "morning", label: "Until tomorrow, 9:00" },
  { id: "day", label: "For a day" },
  { id: "week", label: "For a week" },
  { id: "other", label: "Until another time" },
] as const;

export type Span = (typeof SPANS)[number]["id"];

const HOUR_MS = 3_600_000;
const HOURS = { hour: 1, day: 24, week: 168 } as const;
const MORNING = 9;

/** As the API takes it; null for a time that is not typed yet. */
export function untilOf(span: Span, typed: string, now: Date): string | null {
  if (span === "other") {
    const at = new Date(typed);
    return Number.isNaN(at.getTime()) ? null : at.toISOString();
  }
  if (span !== "morning") {
    return new Date(now.getTime() + HOURS[span] * HOUR_MS).toISOString();
  }
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(MORNING, 0, 0, 0);
  return morning.toISOString();
}

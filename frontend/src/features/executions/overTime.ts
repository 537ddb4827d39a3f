// Executions by hour, day or week: how they ended, and how long they took.
import type { ExecutionRead } from "~/client";

type Counted = Pick<
  ExecutionRead,
  "status" | "created_at" | "started_at" | "finished_at"
>;
type Step = "hour" | "day" | "week";

export type Span = {
  from: Date;
  /** Of each outcome how many; an empty one is a gap: nothing ran. */
  counts: Readonly<Record<string, number>>;
  /** Seconds, of those that succeeded; null where none did. */
  median: number | null;
  longest: number | null;
};

export const OUTCOMES = [
  "succeeded",
  "failed",
  "interrupted",
  "cancelled",
  "skipped",
] as const;

const HOUR_MS = 3_600_000;
const MOST_HOURS = 49;
const MOST_DAYS = 62;

export function stepOf(from: Date, until: Date): Step {
  const hours = (until.getTime() - from.getTime()) / HOUR_MS;
  if (hours <= MOST_HOURS) return "hour";
  return hours <= MOST_DAYS * 24 ? "day" : "week";
}

function floor(moment: Date, step: Step): Date {
  const start = new Date(moment);
  start.setMinutes(0, 0, 0);
  if (step !== "hour") start.setHours(0);
  // Weeks begin on Monday.
  if (step === "week") start.setDate(start.getDate() - ((start.getDay() + 6) % 7));
  return start;
}

/** Days of 23 and 25 hours are days. */
function after(start: Date, step: Step): Date {
  if (step === "hour") return new Date(start.getTime() + HOUR_MS);
  const next = new Date(start);
  next.setDate(next.getDate() + (step === "day" ? 1 : 7));
  return next;
}

const secondsOf = ({ started_at, finished_at }: Counted): number =>
  started_at && finished_at
    ? Math.max(0, Date.parse(finished_at) - Date.parse(started_at)) / 1000
    : 0;

function median(sorted: readonly number[]): number | null {
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Every span between both, those in which nothing ran too. */
export function overTime(
  items: readonly Counted[],
  from: Date,
  until: Date,
): { step: Step; spans: Span[] } {
  const step = stepOf(from, until);
  const spans: Span[] = [];
  for (let at = floor(from, step); at < until; at = after(at, step)) {
    const end = after(at, step);
    const here = items.filter(({ created_at }) => {
      const moment = Date.parse(created_at);
      return moment >= at.getTime() && moment < end.getTime();
    });
    const took = here
      .filter(({ status }) => status === "succeeded")
      .map(secondsOf)
      .sort((a, b) => a - b);
    const ended = OUTCOMES.map(
      (word) => [word, here.filter(({ status }) => status === word).length] as const,
    ).filter(([, count]) => count > 0);
    spans.push({
      from: at,
      counts: Object.fromEntries(ended),
      median: median(took),
      longest: took.at(-1) ?? null,
    });
  }
  return { step, spans };
}

/** "Of 12 executions 10 succeeded and 2 failed." */
export function summary(spans: readonly Span[]): string {
  const totals = OUTCOMES.map(
    (word) =>
      [word, spans.reduce((sum, one) => sum + (one.counts[word] ?? 0), 0)] as const,
  );
  const all = totals.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) return "Nothing has ended in this time.";
  const parts = totals
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${VERBS[word]}`);
  const executions = all === 1 ? "1 execution" : `${all} executions`;
  return `Of ${executions}, ${new Intl.ListFormat("en").format(parts)}.`;
}

const VERBS: Record<(typeof OUTCOMES)[number], string> = {
  succeeded: "succeeded",
  failed: "failed",
  interrupted: "were interrupted",
  cancelled: "were cancelled",
  skipped: "were skipped",
};

/** "12 s", "3 min". */
export function secondsInWords(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

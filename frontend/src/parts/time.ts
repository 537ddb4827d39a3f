// Instants and durations as people say them.

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const ABSOLUTE = new Intl.DateTimeFormat("en", {
  dateStyle: "medium",
  timeStyle: "long",
});
const FAR_DAYS = 30;
const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** "3 min. ago", "in 2 hr."; a date where it is more than a month away. */
export function relative(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) > FAR_DAYS * 86_400) return DATE.format(new Date(iso));
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size)
      return RELATIVE.format(Math.round(seconds / size), unit);
  }
  return seconds > 5 ? "in a moment" : "just now";
}

/** In the reader's zone, which is named. */
export function absolute(iso: string): string {
  return ABSOLUTE.format(new Date(iso));
}

/** "840 ms", "12 s", "3 min 4 s". */
export function duration(from: string, until: string): string {
  const milliseconds = Math.max(0, Date.parse(until) - Date.parse(from));
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

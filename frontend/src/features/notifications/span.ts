// Durations as they are typed: `15 min`, `2 h`, `1 d`.
const SIZES: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];
const FORM = /^(\d{1,7})\s*(s|m|min|h|d)$/;

/** Seconds; null for nothing, undefined for what cannot be read. */
export function secondsOf(typed: string): number | null | undefined {
  const text = typed.trim().toLowerCase();
  if (!text || text === "0") return null;
  const [, count, unit] = FORM.exec(text) ?? [];
  const size = SIZES.find(([name]) => name === (unit === "m" ? "min" : unit))?.[1];
  return count && size ? Number(count) * size : undefined;
}

/** In the largest unit that leaves no rest. */
export function typedSpan(seconds: number | null): string {
  if (!seconds) return "";
  const [name, size] = SIZES.find(([, one]) => seconds % one === 0) ?? ["s", 1];
  return `${seconds / size} ${name}`;
}

// Limits to accounts by their labels, and ends given as days: as people write them and as
// the API has them.

export type LimitLine = { label: string; values: readonly string[] };
type Limit = Record<string, string[]>;

export function linesOf(limit: Limit | null | undefined): LimitLine[] {
  return Object.entries(limit ?? {}).map(([label, values]) => ({ label, values }));
}

/** Null: no limit. Two lines of one label are one label with the values of both. */
export function limitOf(lines: readonly LimitLine[]): Limit | null {
  const limit: Limit = {};
  for (const { label, values } of lines) {
    const name = label.trim();
    if (name) limit[name] = [...new Set([...(limit[name] ?? []), ...values])];
  }
  return Object.keys(limit).length > 0 ? limit : null;
}

/** What is wrong with the lines, if something is: an empty line would widen the limit. */
export function wrongIn(lines: readonly LimitLine[]): string | undefined {
  if (lines.some(({ label }) => !label.trim()))
    return "Name the label, or remove the line.";
  const bare = lines.find(({ values }) => values.length === 0);
  return bare ? `Add a value of ${bare.label.trim()}, or remove the line.` : undefined;
}

/** "client: north or south, stage: live". */
export function limitInWords(limit: Limit | null): string {
  return linesOf(limit)
    .map(({ label, values }) => `${label}: ${values.join(" or ")}`)
    .join(", ");
}

/** Which labels there are on these, with their values. */
export function labelsOf(
  labelled: readonly { labels: Record<string, string> }[],
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { labels } of labelled) {
    for (const [label, value] of Object.entries(labels)) {
      const values = found.get(label) ?? [];
      if (!values.includes(value)) found.set(label, [...values, value].sort());
    }
  }
  return found;
}

/** The last moment of a day in the reader's zone; null for no day. */
export function endOfDay(day: string): string | null {
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}

/** The day of an instant in the reader's zone, as a field for dates has it. */
export function dayOf(instant: string | null | undefined): string {
  if (!instant) return "";
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

// Labels of accounts as they are typed: one a line, `stage: prod, test`.
export type Labels = Record<string, string[]>;

/** Null for none; undefined for what cannot be read. */
export function labelsOf(typed: string): Labels | null | undefined {
  const labels: Labels = {};
  for (const line of typed.split("\n")) {
    if (!line.trim()) continue;
    const [key = "", ...rest] = line.split(":");
    const values = rest
      .join(":")
      .split(",")
      .map((value) => value.trim())
      .filter(Boolean);
    if (!key.trim() || values.length === 0 || key.trim() in labels) return undefined;
    labels[key.trim()] = values;
  }
  return Object.keys(labels).length > 0 ? labels : null;
}

export function typedLabels(labels: Labels | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, values]) => `${key}: ${values.join(", ")}`)
    .join("\n");
}

export const UNREADABLE = "Write one label a line, such as stage: prod, test.";

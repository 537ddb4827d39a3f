// Labels of accounts as they are written here: "client: north".

export const written = (label: string, value: string): string => `${label}: ${value}`;

/** By label, its values: `client: north` and `client: south` are one of both. */
export function readLabels(lines: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const line of lines) {
    const [, label = "", value = ""] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    const values = (found[label] ??= []);
    if (!values.includes(value)) values.push(value);
  }
  return found;
}

export const writeLabels = (selector: Record<string, readonly string[]>): string[] =>
  Object.entries(selector).flatMap(([label, values]) =>
    values.map((value) => written(label, value)),
  );

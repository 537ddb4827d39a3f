// How one document differs from another, field by field, as the server compares two
// executions: of two lists the members that the other one lacks, or both whole where only
// their order differs. Null is a field that is not there.

export type FieldChange = { pointer: string; before?: unknown; after?: unknown };

type Document = Readonly<Record<string, unknown>>;

export function differences(before: Document, after: Document): FieldChange[] {
  return ofObjects(before, after, "");
}

function ofObjects(before: Document, after: Document, path: string): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const pointer = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return ofValues(before[name] ?? null, after[name] ?? null, pointer);
  });
}

function ofValues(before: unknown, after: unknown, pointer: string): FieldChange[] {
  if (isDocument(before) && isDocument(after)) return ofObjects(before, after, pointer);
  if (textOf(before) === textOf(after)) return [];
  if (!Array.isArray(before) || !Array.isArray(after))
    return [{ pointer, before, after }];
  const lost = onlyIn(before, after);
  const won = onlyIn(after, before);
  const isOrderOnly = lost.length === 0 && won.length === 0;
  return [
    isOrderOnly ? { pointer, before, after } : { pointer, before: lost, after: won },
  ];
}

function onlyIn(these: readonly unknown[], others: readonly unknown[]): unknown[] {
  const left = others.map(textOf);
  return these.filter((one) => {
    const place = left.indexOf(textOf(one));
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
}

const isDocument = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same text for the same content, in whatever order its members stand. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isDocument(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

// What stands in a URL may be anything: a value that makes no sense becomes none. By hand,
// for all pages' rules are loaded at the first visit, and zod with them.

const MAX_TEXT = 200;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type Search = Record<string, unknown>;

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value && value.length <= MAX_TEXT
    ? value
    : undefined;
}

export function idOf(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

export function oneOf<T extends string>(
  value: unknown,
  words: readonly T[],
): T | undefined {
  return words.find((word) => word === value);
}

/** A page of ours and no other: `//elsewhere` would lead away. */
export function placeOf(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

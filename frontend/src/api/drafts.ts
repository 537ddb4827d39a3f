// Drafts of forms, in this tab alone and of the organization that it is in.
const PREFIX = "cloudrota-draft:";
const TAB = "cloudrota-organization";

const keyOf = (name: string): string =>
  `${PREFIX}${sessionStorage.getItem(TAB) ?? ""}:${name}`;

export function keepDraft(name: string, draft: unknown): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(draft));
  } catch {
    // A full store: the form works on without a draft.
  }
}

export function draftOf(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(name)) ?? "null");
  } catch {
    return null; // not ours
  }
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(keyOf(name));
}

/** Whoever signs in next in this tab finds nothing of what was typed. */
export function dropDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  }
}

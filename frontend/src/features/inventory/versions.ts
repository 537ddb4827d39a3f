// A resource's versions as a story: what it was, from when until when, and when it was away.
import type { PastVersionRead } from "~/client";

type Chapter =
  | { kind: "version"; version: PastVersionRead; before: PastVersionRead | undefined }
  | { kind: "absence"; from: string; until: string | null };

/** The newest first, as the versions are given; `before` is the version before it. */
export function storyOf(versions: readonly PastVersionRead[]): Chapter[] {
  return versions.flatMap((version, index): Chapter[] => {
    const before = versions[index + 1];
    const after = versions[index - 1];
    const chapter: Chapter = { kind: "version", version, before };
    const { until_at } = version;
    if (until_at === null || until_at === after?.from_at) return [chapter];
    return [{ kind: "absence", from: until_at, until: after?.from_at ?? null }, chapter];
  });
}

// What is done in a moment, unless it is taken back before: deletions.
import { useSyncExternalStore } from "react";

export const SOON_MS = 10_000;

export type Soon = {
  id: string;
  /** “Nightly check”, in the sentences that tell of it. */
  name: string;
  act: () => Promise<unknown>;
};
type Standing = {
  waiting: Soon | null;
  failed: { name: string; error: unknown } | null;
  /** What lists leave out: it waits, or is done. */
  gone: ReadonlySet<string>;
};

let standing: Standing = { waiting: null, failed: null, gone: new Set() };
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(next: Partial<Standing>): void {
  standing = { ...standing, ...next };
  for (const listener of listeners) listener();
}

const without = (id: string) => new Set([...standing.gone].filter((one) => one !== id));

/** Only the latest can be taken back: what waited before is done now. */
export function doSoon(soon: Soon): void {
  void doNow();
  become({ waiting: soon, failed: null, gone: new Set([...standing.gone, soon.id]) });
  timer = setTimeout(() => void doNow(), SOON_MS);
}

export function takeBack(): void {
  clearTimeout(timer);
  const { waiting } = standing;
  if (waiting) become({ waiting: null, gone: without(waiting.id) });
}

/** Also when the page goes away: it was asked for. */
export async function doNow(): Promise<void> {
  clearTimeout(timer);
  const { waiting } = standing;
  if (!waiting) return;
  become({ waiting: null });
  try {
    await waiting.act();
  } catch (error) {
    become({ failed: { name: waiting.name, error }, gone: without(waiting.id) });
  }
}

export const forgetFailure = () => become({ failed: null });

export function onSoon(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const soonIs = (): Standing => standing;
const gone = () => standing.gone;

/** These, but for what is being deleted. */
export function useStaying<T extends { id: string }>(
  items: readonly T[] = [],
): readonly T[] {
  const left = useSyncExternalStore(onSoon, gone);
  return items.filter(({ id }) => !left.has(id));
}

// A request that goes on though its page is closed.
export const OUTLIVES_PAGE = {
  adapter: "fetch",
  fetchOptions: { keepalive: true },
} as const;

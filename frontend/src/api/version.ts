// Whether the server has another build of the console than this tab runs. It is looked at
// when one comes back to the tab, and seldom: the page is small, and nothing waits for it.

const REST_MS = 5 * 60_000;
// For a tab that nobody leaves, such as one on a wall.
const SELDOM_MS = 15 * 60_000;

/** The name of the build's entry in a page; its name changes with its content. */
export function entryIn(page: string): string | null {
  return /<script[^>]+type="module"[^>]+src="([^"]+)"/.exec(page)?.[1] ?? null;
}

let isOld = false;
let lookedAt = 0;
const listeners = new Set<() => void>();

export const isNewer = (): boolean => isOld;

function runningEntry(): string | null {
  const script = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  return script?.getAttribute("src") ?? null;
}

async function look(): Promise<void> {
  const now = Date.now();
  if (isOld || document.hidden || !navigator.onLine || now - lookedAt < REST_MS) return;
  lookedAt = now;
  try {
    const answer = await fetch("/", {
      headers: { Accept: "text/html" },
      cache: "no-store",
    });
    const there = answer.ok ? entryIn(await answer.text()) : null;
    if (there && there !== runningEntry()) become();
  } catch {
    // Not reached: the sign of the stream says it.
  }
}

function become(): void {
  isOld = true;
  for (const listener of listeners) listener();
}

const asked = (): void => void look();

/** A page of this build could not be had: perhaps it is there no more. */
function missed(): void {
  lookedAt = 0;
  asked();
}

let timer: ReturnType<typeof setInterval> | undefined;

/** Followed while somebody shows it. */
export function onVersion(listener: () => void): () => void {
  if (listeners.size === 0) {
    lookedAt = Date.now(); // this page has just come
    window.addEventListener("focus", asked);
    document.addEventListener("visibilitychange", asked);
    window.addEventListener("online", asked);
    window.addEventListener("vite:preloadError", missed);
    timer = setInterval(asked, SELDOM_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.removeEventListener("focus", asked);
    document.removeEventListener("visibilitychange", asked);
    window.removeEventListener("online", asked);
    window.removeEventListener("vite:preloadError", missed);
    clearInterval(timer);
  };
}

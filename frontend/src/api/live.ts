// One stream of the organization's events for the whole tab. What changed is read anew;
// the stream only says what. EventSource cannot send a token, so it is read with fetch.
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { type Frame, FrameReader } from "./frames";
import { renewalOf } from "./renewal";
import { accessToken } from "./session";

export type Liveness = "connecting" | "live" | "degraded" | "reconnecting";

/** Which questions have another answer after an event of this kind. */
const CHANGED: Record<string, readonly string[]> = {
  "execution.changed": [
    "listExecutions",
    "listExecutionsOfTasks",
    "getExecution",
    "getResult",
    "listHealth",
    "summarizeHealth",
    "listRuns",
    "listFindings",
    "listFoundResources",
  ],
  "unit.changed": ["listUnits"],
  "problem.changed": ["listProblems", "countProblems", "getProblem"],
  "credentials.changed": [
    "listCredentials",
    "readCredentials",
    "listAccounts",
    "showPreflight",
  ],
  "resources.changed": [
    "listHealth",
    "summarizeHealth",
    "listResources",
    "getResource",
    "listHistory",
  ],
};
const SILENCE_MS = 45_000; // three heartbeats
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

let liveness: Liveness = "connecting";
const listeners = new Set<() => void>();

function become(next: Liveness): void {
  liveness = next;
  for (const listener of listeners) listener();
}

export function useLiveness(): Liveness {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => liveness,
  );
}

/** Follow the events until the returned function is called. */
export function follow(queries: QueryClient): () => void {
  const stop = new AbortController();
  void run(queries, stop.signal);
  return () => stop.abort();
}

async function run(queries: QueryClient, stopped: AbortSignal): Promise<void> {
  const renew = renewalOf(queries);
  const place = { last: "", retry: FIRST_RETRY_MS, failures: 0, renew };
  become("connecting");
  const isOver = () => stopped.aborted;
  while (!isOver()) {
    try {
      await listen(queries, place, stopped);
    } catch {
      place.failures += 1; // a broken connection; the sign says it
    }
    if (isOver()) return;
    become("reconnecting");
    const wait = Math.min(place.retry * 2 ** Math.min(place.failures, 5), LAST_RETRY_MS);
    await new Promise((resolve) =>
      setTimeout(resolve, wait * (0.75 + Math.random() / 2)),
    );
  }
}

type Place = {
  last: string;
  retry: number;
  failures: number;
  renew: ReturnType<typeof renewalOf>;
};

async function listen(
  queries: QueryClient,
  place: Place,
  stopped: AbortSignal,
): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const answer = await fetch("/api/v1/events", {
      headers: {
        Authorization: `Bearer ${await accessToken()}`,
        Accept: "text/event-stream",
        ...(place.last ? { "Last-Event-ID": place.last } : {}),
      },
      signal: AbortSignal.any([stopped, silence.signal]),
    });
    if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
    place.failures = 0;
    become("live");
    const frames = new FrameReader();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const frame of frames.read(value)) take(frame, queries, place);
    }
  } finally {
    clearTimeout(timer);
  }
}

function take(frame: Frame, queries: QueryClient, place: Place): void {
  if (frame.id) place.last = frame.id;
  if (frame.retry) place.retry = frame.retry;
  const changed = CHANGED[frame.event];
  if (changed) place.renew(changed);
  else if (frame.event === "live" || frame.event === "degraded") become(frame.event);
  else if (frame.event === "reset") void queries.invalidateQueries();
}

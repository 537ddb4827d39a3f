// How a channel or an endpoint stands: one word, what it means, and since or until when.
import type { ChannelRead, EndpointRead } from "~/client";

export type Told = Pick<
  ChannelRead & EndpointRead,
  | "enabled"
  | "test_pending"
  | "tested_at"
  | "test_error"
  | "failing_since"
  | "paused_until"
  | "last_error"
> & { verified_at?: string | null };

export type Standing = { word: string; said: string; at?: string };

/** The worst comes first: what keeps it from being told anything. */
export function standingOf(one: Told, now: number): Standing {
  const { failing_since, paused_until, last_error, tested_at, test_error } = one;
  if (!one.enabled) return { word: "disabled", said: "It is told nothing." };
  if (one.verified_at === null) {
    return { word: "not_confirmed", said: "Whoever reads the address has to agree." };
  }
  const why = last_error ?? "It does not take what it is told.";
  if (failing_since) return { word: "failing", said: why, at: failing_since };
  if (paused_until && Date.parse(paused_until) > now) {
    return { word: "paused", said: why, at: paused_until };
  }
  if (one.test_pending) return { word: "testing", said: "A test is on its way." };
  if (test_error) {
    return { word: "test_failed", said: test_error, ...(tested_at && { at: tested_at }) };
  }
  if (tested_at) return { word: "tested", said: "The last test arrived.", at: tested_at };
  return { word: "untested", said: "Nobody has tried it yet." };
}

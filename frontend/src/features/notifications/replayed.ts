// What became of asking for everything again.
import type { Replayed } from "~/client";

export function replayedWords({ replayed, left }: Replayed): string {
  if (replayed === 0) return "Nothing failed since then, or it is on its way already.";
  const sent = replayed === 1 ? "1 is on its way." : `${replayed} are on their way.`;
  return left > 0 ? `${sent} ${left} more are left: send again.` : sent;
}

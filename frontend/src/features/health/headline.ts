// The one sentence of the morning: are all accounts well?
import type { HealthSummaryRead } from "~/client";

type Headline = { word: string; sentence: string };

const BAD = ["unhealthy", "degraded"];
// What was not looked at, or whose look is too old, is not well.
const UNSEEN = ["unknown", "not_watched"];

const accounts = (count: number) => (count === 1 ? "1 account" : `${count} accounts`);

/** The worst decides; nothing but looked-at and fine is called well. */
export function headline(
  verdicts: HealthSummaryRead["verdicts"],
  openProblems: number,
): Headline {
  const connected = Object.values(verdicts).reduce((sum, one) => sum + one, 0);
  const count = (words: readonly string[]) =>
    words.reduce((sum, word) => sum + (verdicts[word] ?? 0), 0);
  const bad = count(BAD);
  const unseen = count(UNSEEN);
  const problems =
    openProblems === 1 ? "1 open problem" : `${openProblems} open problems`;
  const besides =
    openProblems > 0
      ? `, and there ${openProblems === 1 ? "is" : "are"} ${problems}`
      : "";
  if (bad > 0) {
    const word = count(["unhealthy"]) > 0 ? "unhealthy" : "degraded";
    const verb = bad === 1 ? "needs" : "need";
    return {
      word,
      sentence: `${bad} of ${accounts(connected)} ${verb} you${besides}.`,
    };
  }
  if (openProblems > 0) {
    return {
      word: "failed",
      sentence: `No account is known to be ill, but there ${openProblems === 1 ? "is" : "are"} ${problems}.`,
    };
  }
  if (connected === 0)
    return { word: "not_watched", sentence: "No account is connected yet." };
  if (unseen > 0) {
    return {
      word: "unknown",
      sentence: `Of ${unseen} of ${accounts(connected)} it is not known how they are.`,
    };
  }
  return {
    word: "healthy",
    sentence:
      connected === 1 ? "The account is well." : `All ${connected} accounts are well.`,
  };
}

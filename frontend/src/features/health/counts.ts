// Resources of each service by verdict, as they are drawn.
import type { ServiceHealthRead } from "~/client";

export type Line = { service: string; counts: Readonly<Record<string, number>> };

// From what needs somebody to what does not.
const ORDER = [
  "unhealthy",
  "degraded",
  "unknown",
  "in_transition",
  "healthy",
  "reachable",
  "inactive",
  "excluded",
];
const MOST = 25;

const total = ({ counts }: Line) =>
  Object.values(counts).reduce((sum, one) => sum + one, 0);
const ill = ({ counts }: Line) => (counts.unhealthy ?? 0) + (counts.degraded ?? 0);

type Counted = {
  lines: Line[];
  /** Services of which nothing was read or nothing is there. */
  notCounted: string[];
  verdicts: string[];
};

/** The ill ones first, then the largest; never more than can be read. */
export function countedOf(services: readonly ServiceHealthRead[]): Counted {
  const all = services.map(({ service, counts }) => ({ service, counts }));
  const lines = all
    .filter((line) => total(line) > 0)
    .sort((a, b) => ill(b) - ill(a) || total(b) - total(a))
    .slice(0, MOST);
  const words = new Set(lines.flatMap(({ counts }) => Object.keys(counts)));
  const others = [...words].filter((word) => !ORDER.includes(word)).sort();
  return {
    lines,
    notCounted: all.filter((line) => total(line) === 0).map(({ service }) => service),
    verdicts: [...ORDER.filter((word) => words.has(word)), ...others],
  };
}

/** "ec2: 1 unhealthy, 12 healthy; rds: 3 healthy." */
export const inWords = (lines: readonly Line[]): string =>
  `${lines
    .map(({ service, counts }) => {
      const parts = Object.entries(counts).map(
        ([word, count]) => `${count} ${word.replaceAll("_", " ")}`,
      );
      return `${service}: ${parts.join(", ")}`;
    })
    .join("; ")}.`;

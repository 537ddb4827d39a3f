// How many resources there were, day by day, in words. A day on which not all was read
// has no number.
import type { DayCount } from "~/client";

const NUMBER = new Intl.NumberFormat("en");
const DAY = new Intl.DateTimeFormat("en", {
  month: "short",
  day: "numeric",
  timeZone: "UTC",
});

export const labelOf = ({ day }: DayCount): string => DAY.format(new Date(day));

const resources = (count: number): string =>
  count === 1 ? "1 resource" : `${NUMBER.format(count)} resources`;

const differenceOf = (more: number): string => {
  if (more === 0) return "as many as";
  return `${NUMBER.format(Math.abs(more))} ${more > 0 ? "more" : "fewer"} than`;
};

/** "412 resources on Mar 3, 30 more than on Feb 3." */
export function summaryOf(days: readonly DayCount[]): string {
  const known = days.flatMap((one) =>
    one.resources === null ? [] : [{ one, count: one.resources }],
  );
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last) return "On no day was all of it read.";
  const now = `${resources(last.count)} on ${labelOf(last.one)}`;
  if (first === last) return `${now}.`;
  const change = differenceOf(last.count - first.count);
  return `${now}, ${change} on ${labelOf(first.one)}.`;
}

/** What is not in the picture. */
export function lackingOf(days: readonly DayCount[], neverRead: number): string {
  const gaps = days.filter((one) => one.units > 0 && one.resources === null).length;
  const said: string[] = [];
  if (gaps > 0) {
    said.push(
      gaps === 1
        ? "1 day is a gap: not all was read on it."
        : `${gaps} days are gaps: not all was read on them.`,
    );
  }
  if (neverRead > 0) {
    said.push(
      neverRead === 1
        ? "1 listing of a region was not read on any of these days, and is not counted."
        : `${NUMBER.format(neverRead)} listings of regions were not read on any of these days, and are not counted.`,
    );
  }
  return said.join(" ");
}

/** "412", or why there is no number. */
export function cellOf({ resources, units, units_read }: DayCount): string {
  if (resources !== null) return NUMBER.format(resources);
  return units === 0
    ? "nothing was known yet"
    : `${NUMBER.format(units_read)} of ${NUMBER.format(units)} listings were read`;
}

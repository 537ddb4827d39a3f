// How many places for members the plan has, in words.
import type { MetricUsage } from "~/client";

/** "3 of 5 places taken"; "3 members" where there is no limit. */
export function seatsInWords(seats: MetricUsage | undefined): string {
  if (!seats) return "";
  const { used, limit } = seats;
  if (limit === null) return used === 1 ? "1 member" : `${used} members`;
  return `${used} of ${limit} ${limit === 1 ? "place" : "places"} taken`;
}

/** Why nobody can be invited; empty where somebody can. */
export function whyNotInvite(mayEdit: boolean, seats: MetricUsage | undefined): string {
  if (!mayEdit) return "Your role may not invite people.";
  if (seats?.state === "reached")
    return `All ${seats.limit ?? seats.used} places of your plan are taken: choose a larger plan, or remove a member.`;
  return "";
}

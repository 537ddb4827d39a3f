// How the organization stands with its subscription, in words.
import type { StandingState, SubscriptionRead } from "~/client";
import { absolute } from "~/parts/time";

const DAY_MS = 86_400_000;
const SOON_DAYS = 3;

/** Whether what was just paid for is not known here yet. */
export const isAwaited = (state: StandingState | undefined): boolean =>
  state === undefined || state === "none" || state === "ended";

const READ_ONLY =
  "Nothing runs, and nothing can be added or changed. Reading, exporting, disabling and deleting go on.";

/** What the state means for those who work here. */
export function meaningOf({
  standing: { state, until },
  is_billed,
  current_period_end,
}: Pick<SubscriptionRead, "standing" | "is_billed" | "current_period_end">): string {
  const end = until ? absolute(until) : null;
  switch (state) {
    case "unbilled":
      return is_billed
        ? "The operator of this installation gave your organization this plan. It costs nothing."
        : "This installation takes no money. Its operator decides which plan you have.";
    case "none":
      return "Nothing was bought: the limits of the smallest plan hold.";
    case "active":
      return current_period_end
        ? `It is paid for, and renewed on ${absolute(current_period_end)}.`
        : "It is paid for.";
    case "trial":
      return end ? `You try it for nothing until ${end}.` : "You try it for nothing.";
    case "ending":
      return `It was cancelled, and goes on until ${end ?? "what was paid for is over"}. Then the limits of the smallest plan hold.`;
    case "payment_incomplete":
      return "The first payment is not through, so the plan has not begun.";
    case "payment_failed":
      return `The last payment failed. Everything works on${end ? ` until ${end}` : " for now"}; then your organization is read-only. ${READ_ONLY.replace("Nothing", "From then on nothing")}`;
    case "read_only":
      return `Your organization is read-only, for its payment is overdue. ${READ_ONLY}`;
    case "unpaid":
      return "The payment failed, and Stripe has given up asking for it.";
    case "ended":
      return "The subscription has ended: the limits of the smallest plan hold.";
  }
}

/** What goes of the history, and when; null where only the plan says it. */
export function goingOf(held: SubscriptionRead["held_history"]): string | null {
  if (!held) return null;
  const kept = held.days === null ? "All history" : `History of ${held.days} days`;
  return `${kept} is kept until ${absolute(held.until)}. Then the plan keeps ${held.then_days} days: what ended before ${absolute(held.goes_before)} is deleted, unless a larger plan is chosen before.`;
}

export type Warning = { severity: "error" | "warning" | "info"; title: string };

/** What everybody should see on every page; null where nothing presses. */
export function warningOf(
  { state, until }: SubscriptionRead["standing"],
  now: number,
): Warning | null {
  switch (state) {
    case "read_only":
      return { severity: "error", title: "Read-only: the payment is overdue" };
    case "unpaid":
      return { severity: "error", title: "The subscription is not paid for" };
    case "payment_failed":
      return { severity: "warning", title: "The last payment failed" };
    case "payment_incomplete":
      return { severity: "warning", title: "The first payment is not through" };
    case "trial":
    case "ending": {
      const isSoon = until && Date.parse(until) - now < SOON_DAYS * DAY_MS;
      if (!isSoon) return null;
      const title = state === "trial" ? "The trial ends soon" : "The plan ends soon";
      return { severity: "info", title };
    }
    default:
      return null;
  }
}

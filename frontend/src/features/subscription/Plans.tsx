import Box from "@mui/material/Box";
import type { MetricUsage, PlanRead, SubscriptionRead } from "~/client";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { tooMuch } from "./limits";
import { PlanCard } from "./PlanCard";
import { useCheckout } from "./queries";
import { isAwaited } from "./words";

type Props = {
  plans: readonly PlanRead[];
  subscription: SubscriptionRead;
  /** What is used now; nothing where one may not see it. */
  used: readonly MetricUsage[];
  /** Why one may not choose; empty where one may. */
  why: string;
};

/** All plans side by side. Where there is a subscription, Stripe's page changes it. */
export function Plans({ plans, subscription, used, why }: Props) {
  const checkout = useCheckout();
  const present = plans.find((one) => one.is_present)?.limits;
  const isOpen = isAwaited(subscription.standing.state);
  const days = subscription.trial_days_offered;
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      {checkout.error ? <TroubleAlert error={checkout.error} /> : null}
      <Box
        component="ul"
        sx={{
          listStyle: "none",
          m: 0,
          p: 0,
          display: "grid",
          gap: 2,
          gridTemplateColumns: "repeat(auto-fit, minmax(min(250px, 100%), 1fr))",
        }}
      >
        {plans.map((plan) => (
          <PlanCard
            key={plan.code}
            plan={plan}
            tooMuch={plan.is_present ? [] : tooMuch(plan.limits, present, used)}
            choose={
              isOpen && plan.is_offered && !plan.is_present
                ? {
                    label:
                      days > 0
                        ? `Try ${plan.name} for ${days} days`
                        : `Choose ${plan.name}`,
                    why,
                    busy: checkout.isPending,
                    run: () => checkout.mutate({ body: { plan_code: plan.code } }),
                  }
                : null
            }
          />
        ))}
      </Box>
      {subscription.is_billed ? (
        <Box sx={{ color: "text.secondary" }}>
          {isOpen && why ? `${why} ` : null}Months are those of UTC.{" "}
          {isOpen
            ? "Stripe's page shows the price before anything is paid."
            : "To change the plan, open Stripe's page above."}
        </Box>
      ) : null}
    </Box>
  );
}

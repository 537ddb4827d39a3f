import Box from "@mui/material/Box";
import type { SubscriptionRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { goingOf, meaningOf } from "./words";

/** The plan, what it means now, and what somebody can do about it. */
export function Standing({ subscription }: { subscription: SubscriptionRead }) {
  const { plan_name, standing } = subscription;
  const going = goingOf(subscription.held_history);
  const facts: [string, React.ReactNode][] = [
    ["Plan", plan_name],
    ["State", <Status key="state" word={standing.state} />],
  ];
  if (standing.until) facts.push(["Until", <When key="until" at={standing.until} />]);
  else if (subscription.current_period_end) {
    const end = subscription.current_period_end;
    facts.push(["Paid until", <When key="paid" at={end} />]);
  }
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Facts facts={facts} />
      <Box sx={{ maxWidth: 720 }}>
        {meaningOf(subscription)}
        {standing.what_to_do ? <Box sx={{ mt: 0.5 }}>{standing.what_to_do}</Box> : null}
        {going ? <Box sx={{ mt: 0.5 }}>{going}</Box> : null}
      </Box>
    </Box>
  );
}

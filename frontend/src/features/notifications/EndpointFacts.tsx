import Box from "@mui/material/Box";
import type { EndpointRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { useNow } from "~/parts/useNow";
import { When } from "~/parts/When";
import { typedLabels } from "./labels";
import { StandingLine } from "./StandingLine";
import { eventOf } from "./words";

export function EndpointFacts({ endpoint }: { endpoint: EndpointRead }) {
  const now = useNow();
  const { previous_until, label_scope } = endpoint;
  const isOverlapping = previous_until && Date.parse(previous_until) > now;
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <StandingLine of={endpoint} />
      <Facts
        facts={[
          ["Events", endpoint.events.map(eventOf).join(", ")],
          ["Of accounts", label_scope ? typedLabels(label_scope) : "all"],
          [
            "Secret",
            <span key="secret">
              ends with {endpoint.secret_last4}, made{" "}
              <When at={endpoint.secret_stored_at} />
            </span>,
          ],
          ...(isOverlapping
            ? [
                [
                  "Before it",
                  <span key="before">
                    the last secret signs along until <When at={previous_until} />
                  </span>,
                ] as const,
              ]
            : []),
          ["Last test", <When key="tested" at={endpoint.tested_at} />],
          ["Added", <When key="created" at={endpoint.created_at} />],
        ]}
      />
    </Box>
  );
}

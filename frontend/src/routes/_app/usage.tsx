import Box from "@mui/material/Box";
import { createFileRoute } from "@tanstack/react-router";
import { useMay } from "~/features/session/queries";
import { summaryOf } from "~/features/subscription/consumption";
import { figure, nameOf, valueOf } from "~/features/subscription/limits";
import { MetricRow } from "~/features/subscription/MetricRow";
import { Months } from "~/features/subscription/Months";
import { useMonths, useUsage } from "~/features/subscription/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { Facts } from "~/parts/Facts";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";

export const Route = createFileRoute("/_app/usage")({ component: Usage });

/** Each limit of the plan with what is used of it now. */
function Usage() {
  const may = useMay("usage.read");
  const usage = useUsage(may);
  const months = useMonths(may);
  if (!may) {
    return (
      <Page title="Usage">
        <Empty
          title="You may not see this"
          text="Usage tells of all accounts, and you see only some."
        />
      </Page>
    );
  }
  return (
    <Page
      title="Usage"
      intro="What is used of your plan. Months are those of UTC."
      actions={
        <LinkButton to="/subscription" variant="outlined" color="inherit">
          Compare plans
        </LinkButton>
      }
    >
      <Section
        title="Limits"
        padded={false}
        aside={
          usage.data ? (
            <Box sx={{ color: "text.secondary" }}>{summaryOf(usage.data.items)}</Box>
          ) : null
        }
      >
        <Asked query={usage} lines={8}>
          {({ items, bounds, executions_refused }) => (
            <>
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((item) => (
                  <MetricRow key={item.metric} item={item} />
                ))}
              </Box>
              <Box sx={{ p: 2, borderTop: 1, borderColor: "divider" }}>
                <Facts
                  facts={bounds.map(({ name, limit }) => [
                    nameOf(name),
                    valueOf(name, limit),
                  ])}
                />
              </Box>
              {executions_refused > 0 ? (
                <Box sx={{ p: 2, borderTop: 1, borderColor: "divider" }}>
                  {executions_refused === 1
                    ? "1 execution of this month did not run"
                    : `${figure(executions_refused)} executions of this month did not run`}
                  , as the plan had not enough left: it is recorded as skipped (plan
                  limit).
                </Box>
              ) : null}
            </>
          )}
        </Asked>
      </Section>
      <Section title="By month">
        <Asked query={months} lines={6}>
          {({ months: found }) => (
            <Asked query={usage} lines={6}>
              {({ items }) => <Months months={found} items={items} />}
            </Asked>
          )}
        </Asked>
      </Section>
    </Page>
  );
}

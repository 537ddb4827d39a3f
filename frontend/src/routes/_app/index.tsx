import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useAccounts } from "~/features/accounts/queries";
import { ExecutionRows } from "~/features/executions/ExecutionRows";
import { useRecent } from "~/features/executions/queries";
import { useDay } from "~/features/executions/useOverTime";
import { AccountVerdicts } from "~/features/health/AccountVerdicts";
import { headline } from "~/features/health/headline";
import { useHealthSummary } from "~/features/health/queries";
import { AcknowledgeButton } from "~/features/problems/AcknowledgeButton";
import { ProblemRow } from "~/features/problems/ProblemRow";
import { useNewest, useUnclosed } from "~/features/problems/queries";
import { useMay, useMe } from "~/features/session/queries";
import { tasksQuery } from "~/features/tasks/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { LinkButton, TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { colorOf, lookOf } from "~/status";
import { Checklist } from "./-Checklist";

export const Route = createFileRoute("/_app/")({
  codeSplitGroupings: [], // comes with the entry
  component: Dashboard,
});

// Not needed to see how all are.
const OverTime = lazy(async () => ({
  default: (await import("~/features/executions/OverTime")).OverTime,
}));

const RECENT = 8;
const CHART = 218;

/** At nine in the morning, within five seconds: is all well, what failed, what to do. */
function Dashboard() {
  const me = useMe();
  const health = useHealthSummary();
  const problems = useNewest();
  const unclosed = useUnclosed();
  const recent = useRecent(RECENT);
  const day = useDay();
  const tasks = useQuery(tasksQuery({}));
  const mayEdit = useMay("problems.edit");
  const names = new Map(useAccounts().data?.items.map(({ id, name }) => [id, name]));
  const isKnown = health.data && tasks.data && recent.data;
  return (
    <Page title="Dashboard">
      <Headline verdicts={health.data?.verdicts} problems={unclosed.data?.open} />
      {isKnown ? (
        <Checklist
          isVerified={me.user.email_verified_at !== null}
          hasAccount={health.data.accounts > 0}
          hasTask={tasks.data.items.length > 0}
          hasRun={recent.data.items.some(({ finished_at }) => finished_at)}
        />
      ) : null}
      <Section
        title="Open problems"
        padded={false}
        aside={
          <TextLink underline="hover" to="/problems">
            {unclosed.data?.open ? `All ${unclosed.data.open}` : "All problems"}
          </TextLink>
        }
      >
        <Asked query={problems}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title="No open problems"
                text="Each failure appears here, once for each cause."
              />
            ) : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((problem) => (
                  <ProblemRow
                    key={problem.id}
                    problem={problem}
                    account={names.get(problem.aws_account_id) ?? "an account"}
                    action={<AcknowledgeButton problem={problem} may={mayEdit} />}
                  />
                ))}
              </Box>
            )
          }
        </Asked>
      </Section>
      <Section title="The last 24 hours">
        <Asked query={day} lines={6}>
          {({ items, from, until, isCut }) =>
            items.length === 0 ? (
              <Empty
                title="Nothing ran in the last 24 hours"
                text="How executions end is drawn here, hour by hour."
              />
            ) : (
              <Suspense fallback={<Skeleton height={CHART} sx={{ transform: "none" }} />}>
                <OverTime
                  items={items}
                  from={from}
                  until={until}
                  note={isCut ? `The latest ${items.length} alone.` : undefined}
                />
              </Suspense>
            )
          }
        </Asked>
      </Section>
      <Box
        sx={{
          display: "grid",
          gap: 2.5,
          gridTemplateColumns: { lg: "3fr 2fr" },
          "& > section": { mb: 0 },
          alignItems: "start",
        }}
      >
        <Section
          title="Accounts"
          padded={false}
          aside={
            <TextLink underline="hover" to="/inventory">
              Inventory
            </TextLink>
          }
        >
          <Asked query={health}>
            {({ accounts, first }) =>
              accounts === 0 ? (
                <Empty
                  title="No account yet"
                  text="Connect one with a role that only reads; it takes two minutes."
                  action={
                    <LinkButton to="/accounts/connect">Connect an account</LinkButton>
                  }
                />
              ) : (
                <>
                  <AccountVerdicts items={first} />
                  <Rest of={accounts} shown={first.length} />
                </>
              )
            }
          </Asked>
        </Section>
        <Section title="Latest executions" padded={false}>
          <Asked query={recent} lines={RECENT}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty
                  title="Nothing ran yet"
                  text="Executions appear here as they begin."
                />
              ) : (
                <ExecutionRows items={items} />
              )
            }
          </Asked>
        </Section>
      </Box>
    </Page>
  );
}

function Rest({ of, shown }: { of: number; shown: number }) {
  if (of <= shown) return null;
  return (
    <Box sx={{ px: 2, py: 1.25, color: "text.secondary" }}>
      The {shown} that need you first.{" "}
      <TextLink to="/accounts">All {of} accounts</TextLink>
    </Box>
  );
}

type HeadlineProps = {
  verdicts: Parameters<typeof headline>[0] | undefined;
  problems: number | undefined;
};

function Headline({ verdicts, problems }: HeadlineProps) {
  if (!verdicts || problems === undefined)
    return <Skeleton height={56} sx={{ transform: "none", mb: 2.5 }} />;
  const { word, sentence } = headline(verdicts, problems);
  const { tone, Icon } = lookOf(word);
  return (
    <Paper
      variant="outlined"
      role="status"
      sx={{
        display: "flex",
        alignItems: "center",
        gap: 1.5,
        px: 2,
        py: 1.75,
        mb: 2.5,
        fontSize: 16,
        fontWeight: 550,
      }}
    >
      <Icon aria-hidden sx={{ color: colorOf(tone) }} />
      {sentence}
    </Paper>
  );
}

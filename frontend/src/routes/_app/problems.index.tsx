import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { createFileRoute } from "@tanstack/react-router";
import type { ProblemStatus } from "~/client";
import { useAccounts } from "~/features/accounts/queries";
import { AcknowledgeButton } from "~/features/problems/AcknowledgeButton";
import { ProblemRow } from "~/features/problems/ProblemRow";
import { useProblems, useUnclosed } from "~/features/problems/queries";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { oneOf, type Search } from "~/parts/search";
import { lookOf } from "~/status";

const STATUSES = ["open", "acknowledged", "closed"] as const;

export const Route = createFileRoute("/_app/problems/")({
  validateSearch: (search: Search): { status?: (typeof STATUSES)[number] } => ({
    status: oneOf(search.status, STATUSES),
  }),
  component: Problems,
});

const NONE = {
  open: "Each failure appears here, once for each cause, until the task that suffered it succeeds.",
  acknowledged: "A problem that somebody sees to is acknowledged, and told no more.",
  closed: "A problem closes once the task that suffered it last succeeds.",
};

/** With how many there are, where that is counted. */
function labelOf(status: ProblemStatus, counted: Partial<Record<string, number>> = {}) {
  const { label } = lookOf(status);
  return counted[status] ? `${label} (${counted[status]})` : label;
}

function Problems() {
  const { status = "open" } = Route.useSearch();
  const navigate = Route.useNavigate();
  const problems = useProblems(status);
  const unclosed = useUnclosed().data;
  const accounts = useAccounts().data?.items;
  const names = new Map(accounts?.map(({ id, name }) => [id, name]));
  const may = useMay("problems.edit");
  return (
    <Page
      title="Problems"
      intro="Failures with one cause are one problem, however often it strikes."
    >
      <Tabs
        value={status}
        aria-label="Status"
        onChange={(_, next: (typeof STATUSES)[number]) =>
          void navigate({ search: { status: next } })
        }
        sx={{ mb: 2 }}
      >
        {STATUSES.map((one) => (
          <Tab key={one} value={one} label={labelOf(one, unclosed)} />
        ))}
      </Tabs>
      <Section title={`${lookOf(status).label} problems`} padded={false}>
        <Asked query={problems} lines={5}>
          {({ pages }) => {
            const items = pages.flatMap((page) => page.items);
            if (items.length === 0)
              return <Empty title={`No ${status} problems`} text={NONE[status]} />;
            return (
              <>
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                  {items.map((problem) => (
                    <ProblemRow
                      key={problem.id}
                      problem={problem}
                      account={names.get(problem.aws_account_id) ?? "an account"}
                      action={<AcknowledgeButton problem={problem} may={may} />}
                    />
                  ))}
                </Box>
                <More query={problems} />
              </>
            );
          }}
        </Asked>
      </Section>
    </Page>
  );
}

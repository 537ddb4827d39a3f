import Box from "@mui/material/Box";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { AcknowledgeButton } from "~/features/problems/AcknowledgeButton";
import { ProblemRow } from "~/features/problems/ProblemRow";
import { useProblems } from "~/features/problems/queries";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
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

function Problems() {
  const { status = "open" } = Route.useSearch();
  const navigate = Route.useNavigate();
  const problems = useProblems(status);
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
          <Tab key={one} value={one} label={lookOf(one).label} />
        ))}
      </Tabs>
      <Section title={`${lookOf(status).label} problems`} padded={false}>
        <Asked query={problems} lines={5}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={`No ${status} problems`} text={NONE[status]} />
            ) : (
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
            )
          }
        </Asked>
      </Section>
    </Page>
  );
}

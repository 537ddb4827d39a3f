import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { MuteButton } from "~/features/notifications/MuteButton";
import { AcknowledgeButton } from "~/features/problems/AcknowledgeButton";
import { problemQuery, useRerun } from "~/features/problems/queries";
import { RerunOutcome } from "~/features/problems/RerunOutcome";
import { statementFor, titleOf, titleOfCategory } from "~/features/problems/words";
import { useMay } from "~/features/session/queries";
import { useNamesOf } from "~/features/tasks/queries";
import { ErrorPanel } from "~/parts/ErrorPanel";
import { LinkButton, TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/problems/$id")({
  loader: ({ context, params }) =>
    context.queries.query({ ...problemQuery(params.id), staleTime: "static" }),
  component: ProblemPage,
});

/** What fails, why, what to add to the role, and a rerun of all that it made fail. */
function ProblemPage() {
  const { id } = Route.useParams();
  const { data: problem } = useSuspenseQuery(problemQuery(id));
  const accounts = useAccounts().data?.items;
  const account = accounts?.find((one) => one.id === problem.aws_account_id);
  const mayEdit = useMay("problems.edit");
  const mayRun = useMay("tasks.execute");
  const mayMute = useMay("notifications.edit");
  const maySeeMutes = useMay("notifications.read");
  const rerun = useRerun();
  const affected = useNamesOf([
    ...new Set((rerun.data?.items ?? []).map(({ task_id }) => task_id)),
  ]);
  const names = new Map([
    ...affected,
    ...(accounts ?? []).map((one) => [one.id, one.name] as const),
  ]);
  const again = () => rerun.mutate({ body: { problem_id: id } });
  return (
    <Page
      title={titleOf(problem)}
      intro={
        <>
          <Status word={problem.status} /> · on{" "}
          {account ? (
            <TextLink to="/accounts/$id" params={{ id: account.id }}>
              {account.name}
            </TextLink>
          ) : (
            "an account"
          )}
          , {problem.count === 1 ? "once" : `${problem.count} times`}, first{" "}
          <When at={problem.first_at} />, last <When at={problem.last_at} />
        </>
      }
      actions={
        <>
          <MuteButton
            kind="problem_id"
            of={{ id, name: "this problem" }}
            maySee={maySeeMutes}
            may={mayMute}
          />
          <AcknowledgeButton problem={problem} may={mayEdit} />
          <Tooltip title={mayRun ? "" : "Your role may not run tasks."}>
            <span>
              <Button
                variant="contained"
                disabled={!mayRun || rerun.isPending}
                onClick={again}
              >
                Run all affected again
              </Button>
            </span>
          </Tooltip>
        </>
      }
    >
      <div aria-live="polite">
        {rerun.error ? <TroubleAlert error={rerun.error} /> : null}
        {rerun.data ? (
          <RerunOutcome
            rerun={rerun.data}
            names={names}
            busy={rerun.isPending}
            onMore={again}
          />
        ) : null}
      </div>
      <Section title="What is wrong, and how to fix it">
        <ErrorPanel
          error={problem.error}
          title={titleOfCategory(problem.category)}
          statement={problem.missing_action ? statementFor(problem.missing_action) : null}
        />
      </Section>
      <LinkButton
        to="/executions/$id"
        params={{ id: problem.last_execution_id }}
        variant="outlined"
      >
        Open the last execution that failed
      </LinkButton>
    </Page>
  );
}

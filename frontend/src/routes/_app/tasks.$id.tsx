import Box from "@mui/material/Box";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { ExecutionRows } from "~/features/executions/ExecutionRows";
import { HistoryStrip } from "~/features/executions/HistoryStrip";
import { useMay } from "~/features/session/queries";
import { schedulePreview, taskQuery, useHistory } from "~/features/tasks/queries";
import { RunButton } from "~/features/tasks/RunButton";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { Facts } from "~/parts/Facts";
import { Page, Section } from "~/parts/Page";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/tasks/$id")({
  loader: ({ context, params }) =>
    context.queries.query({ ...taskQuery(params.id), staleTime: "static" }),
  component: TaskPage,
});

function TaskPage() {
  const { id } = Route.useParams();
  const { data: task } = useSuspenseQuery(taskQuery(id));
  const history = useHistory(id);
  const next = useQuery({ ...schedulePreview(task.schedule), enabled: task.enabled });
  const accounts = useAccounts().data?.items;
  const names = new Map(accounts?.map((one) => [one.id, one.name]));
  const mayRun = useMay("tasks.execute");
  const navigate = Route.useNavigate();
  const { targets } = task;
  const where = targets.account_ids
    ? targets.account_ids.map((one) => names.get(one) ?? "an account").join(", ")
    : Object.entries(targets.selector ?? {})
        .map(([label, values]) => `${label}: ${values.join(" or ")}`)
        .join(", ");
  const show = (executions: readonly string[]) => {
    const [first] = executions;
    if (executions.length === 1 && first) {
      void navigate({ to: "/executions/$id", params: { id: first } });
    }
  };
  return (
    <Page
      title={task.name}
      intro={
        <>
          {task.schedule_in_words}
          {task.enabled ? (
            <>
              {" "}
              · next <When at={task.next_run_at} none="only by hand" />
            </>
          ) : (
            " · disabled"
          )}
        </>
      }
      actions={<RunButton id={id} may={mayRun} onStarted={show} />}
    >
      <Box
        sx={{
          display: "grid",
          gap: 2.5,
          gridTemplateColumns: { lg: "3fr 2fr" },
          alignItems: "start",
        }}
      >
        <Section
          title="Executions"
          padded={false}
          aside={history.data ? <HistoryStrip items={history.data.items} /> : null}
        >
          <Asked query={history} lines={8}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty
                  title="Never ran"
                  text="It runs at its time, or when you start it."
                />
              ) : (
                <ExecutionRows items={items} names="account" />
              )
            }
          </Asked>
        </Section>
        <Box>
          <Section title="Definition">
            <Facts
              facts={[
                [
                  "Does",
                  task.type === "health_check"
                    ? "checks the health"
                    : "lists the resources",
                ],
                ["Services", task.services.join(", ")],
                [
                  "Regions",
                  task.regions.includes("all_enabled")
                    ? "all that the account has enabled"
                    : task.regions.join(", "),
                ],
                ["Accounts", where],
                [
                  "On an error",
                  task.on_error === "isolate"
                    ? "finishes the rest, and fails"
                    : "stops at once",
                ],
                ["Time limit", `${task.timeout_seconds} s on each account`],
                ["Version", String(task.version)],
              ]}
            />
          </Section>
          {task.enabled && task.schedule.kind !== "on_demand" ? (
            <Section title="Next runs">
              <Asked query={next}>
                {({ runs }) => (
                  <Box component="ol" sx={{ m: 0, pl: 2.5, display: "grid", gap: 0.5 }}>
                    {runs.map(({ utc, local, note }) => (
                      <li key={utc}>
                        {local.slice(0, 16).replace("T", " ")} (<When at={utc} />)
                        {note ? <Box sx={{ color: "warning.main" }}>{note}</Box> : null}
                      </li>
                    ))}
                  </Box>
                )}
              </Asked>
            </Section>
          ) : null}
        </Box>
      </Box>
    </Page>
  );
}

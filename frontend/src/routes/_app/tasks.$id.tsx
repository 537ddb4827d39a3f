import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { ExecutionRows } from "~/features/executions/ExecutionRows";
import { HistoryStrip } from "~/features/executions/HistoryStrip";
import { OverTime } from "~/features/executions/OverTime";
import { exportExecutionsOf } from "~/features/executions/queries";
import { usePast } from "~/features/executions/useOverTime";
import { MuteButton } from "~/features/notifications/MuteButton";
import { useMay } from "~/features/session/queries";
import { DefinitionFacts } from "~/features/tasks/DefinitionFacts";
import { DeleteDialog } from "~/features/tasks/DeleteDialog";
import { EnabledSwitch } from "~/features/tasks/EnabledSwitch";
import {
  schedulePreview,
  taskQuery,
  useHistory,
  useNamesOf,
} from "~/features/tasks/queries";
import { RunButton } from "~/features/tasks/RunButton";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { ExportMenu } from "~/parts/ExportMenu";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { oneOf, type Search } from "~/parts/search";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/tasks/$id")({
  validateSearch: (search: Search): { dialog?: "delete" } => ({
    dialog: oneOf(search.dialog, ["delete"]),
  }),
  loader: ({ context, params }) =>
    context.queries.query({ ...taskQuery(params.id), staleTime: "static" }),
  component: TaskPage,
});

const MAY_NOT = "Your role may not change tasks.";

function TaskPage() {
  const { id } = Route.useParams();
  const { data: task } = useSuspenseQuery(taskQuery(id));
  const history = useHistory(id);
  const past = usePast(id);
  const next = useQuery({ ...schedulePreview(task.schedule), enabled: task.enabled });
  const accounts = useAccounts().data?.items;
  const names = new Map(accounts?.map((one) => [one.id, one.name]));
  const mayRun = useMay("tasks.execute");
  const mayEdit = useMay("tasks.edit");
  const maySeeMutes = useMay("notifications.read");
  const mayMute = useMay("notifications.edit");
  const { dialog } = Route.useSearch();
  const navigate = Route.useNavigate();
  const before = useNamesOf(task.after.map(({ task_id }) => task_id));
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
            ` · paused${task.disabled_reason ? `: ${task.disabled_reason.replaceAll("_", " ")}` : ""}`
          )}
        </>
      }
      actions={
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1, alignItems: "center" }}>
          <EnabledSwitch task={task} may={mayEdit} />
          <MuteButton kind="task_id" of={task} maySee={maySeeMutes} may={mayMute} />
          <Tooltip title={mayEdit ? "" : MAY_NOT}>
            <span>
              <Button
                color="inherit"
                disabled={!mayEdit}
                onClick={() => void navigate({ search: { dialog: "delete" } })}
              >
                Delete
              </Button>
            </span>
          </Tooltip>
          <Tooltip title={mayEdit ? "" : MAY_NOT}>
            <span>
              <LinkButton
                to="/tasks/$id/edit"
                params={{ id }}
                variant="outlined"
                disabled={!mayEdit}
              >
                Edit
              </LinkButton>
            </span>
          </Tooltip>
          <RunButton id={id} may={mayRun} onStarted={show} />
        </Box>
      }
    >
      {dialog === "delete" && mayEdit ? (
        <DeleteDialog
          task={task}
          where={where}
          onClose={() => void navigate({ search: {}, replace: true })}
          onDone={() => void navigate({ to: "/tasks", replace: true })}
        />
      ) : null}
      <Section title="Over time">
        <Asked query={past} lines={6}>
          {({ items, from, until, isCut }) =>
            items.length === 0 ? (
              <Empty
                title="Nothing to show yet"
                text="How its executions end, and how long they take, is drawn here."
              />
            ) : (
              <OverTime
                items={items}
                from={from}
                until={until}
                note={isCut ? `The latest ${items.length} alone.` : undefined}
                withDuration
              />
            )
          }
        </Asked>
      </Section>
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
          aside={
            history.data ? (
              <Box sx={{ display: "flex", alignItems: "center", gap: 2 }}>
                <HistoryStrip items={history.data.items} />
                <ExportMenu ask={exportExecutionsOf(id)} what="all executions" />
              </Box>
            ) : null
          }
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
            <DefinitionFacts task={task} where={where} names={before} />
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

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { createFileRoute } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useAccounts } from "~/features/accounts/queries";
import { useMay } from "~/features/session/queries";
import { BulkBar } from "~/features/tasks/BulkBar";
import type { Named } from "~/features/tasks/bulk";
import { exportFiltered, useTasks } from "~/features/tasks/queries";
import { TaskRows } from "~/features/tasks/TaskRows";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { ExportMenu } from "~/parts/ExportMenu";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { useStaying } from "~/parts/soon";
import { TaskFilters } from "./-TaskFilters";
import { filterOf, isFiltered, taskSearch } from "./-taskSearch";

export const Route = createFileRoute("/_app/tasks/")({
  validateSearch: taskSearch,
  component: Tasks,
});

function Tasks() {
  const search = Route.useSearch();
  const { cursor } = search;
  const navigate = Route.useNavigate();
  const tasks = useTasks(filterOf(useDeferredValue(search)));
  const accounts = useAccounts().data?.items ?? [];
  const mayEdit = useMay("tasks.edit");
  const mayRun = useMay("tasks.execute");
  const staying = useStaying(tasks.data?.items);
  const [selected, setSelected] = useState<ReadonlyMap<string, Named>>(new Map());
  const select = (those: readonly Named[]) =>
    setSelected(new Map(those.map(({ id, name }) => [id, { id, name }])));
  const toggle = (task: Named) =>
    select(
      selected.has(task.id)
        ? [...selected.values()].filter(({ id }) => id !== task.id)
        : [...selected.values(), task],
    );
  const filter = filterOf({ ...search, cursor: undefined });
  const make = mayEdit ? <LinkButton to="/tasks/new">New task</LinkButton> : null;
  return (
    <Page
      title="Tasks"
      intro="What is looked at, where, and when."
      actions={
        <>
          <ExportMenu ask={exportFiltered(filter)} what="these tasks" />
          {make}
        </>
      }
    >
      <TaskFilters
        search={search}
        accounts={accounts}
        onChange={(next) => {
          // What is no longer seen is not acted on unawares.
          select([]);
          void navigate({ search: next, replace: true, resetScroll: false });
        }}
      />
      <Section title="Tasks" padded={false}>
        <Asked query={tasks} lines={6}>
          {({ next_cursor }) =>
            staying.length === 0 && !next_cursor && !cursor ? (
              isFiltered(search) ? (
                <Empty
                  title="No task matches"
                  text="There are tasks that the filters leave out."
                  action={
                    <Button onClick={() => void navigate({ search: {} })}>
                      Clear the filters
                    </Button>
                  }
                />
              ) : (
                <Empty
                  title="No task yet"
                  text="A task says what to look at, in which accounts, and when."
                  action={make}
                />
              )
            ) : (
              <>
                {mayEdit || mayRun ? (
                  <BulkBar
                    shown={staying}
                    selected={selected}
                    filter={filter}
                    hasMore={Boolean(next_cursor ?? cursor)}
                    may={{ edit: mayEdit, run: mayRun }}
                    onSelect={select}
                  />
                ) : null}
                <TaskRows
                  items={staying}
                  selected={selected}
                  onToggle={mayEdit || mayRun ? toggle : undefined}
                />
                {next_cursor || cursor ? (
                  <Box sx={{ p: 1, borderTop: 1, borderColor: "divider" }}>
                    {cursor ? (
                      <Button
                        onClick={() =>
                          void navigate({ search: { ...search, cursor: undefined } })
                        }
                      >
                        First page
                      </Button>
                    ) : null}
                    {next_cursor ? (
                      <Button
                        onClick={() =>
                          void navigate({
                            search: { ...search, cursor: next_cursor },
                          })
                        }
                      >
                        Next page
                      </Button>
                    ) : null}
                  </Box>
                ) : null}
              </>
            )
          }
        </Asked>
      </Section>
    </Page>
  );
}

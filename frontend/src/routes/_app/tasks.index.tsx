import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { createFileRoute } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { useMay } from "~/features/session/queries";
import { useTasks } from "~/features/tasks/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { LinkButton, TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { type Search, textOf } from "~/parts/search";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/tasks/")({
  validateSearch: (search: Search): { q?: string; cursor?: string } => ({
    q: textOf(search.q),
    cursor: textOf(search.cursor),
  }),
  component: Tasks,
});

const TYPES: Record<string, string> = {
  health_check: "Health check",
  resource_list: "Inventory",
  rehearsal: "Rehearsal",
};

function Tasks() {
  const { q = "", cursor } = Route.useSearch();
  const navigate = Route.useNavigate();
  const tasks = useTasks({ q: useDeferredValue(q), cursor });
  const mayEdit = useMay("tasks.edit");
  const make = mayEdit ? <LinkButton to="/tasks/new">New task</LinkButton> : null;
  const search = (typed: string) =>
    void navigate({ search: { q: typed || undefined }, replace: true });
  return (
    <Page title="Tasks" intro="What is looked at, where, and when." actions={make}>
      <TextField
        type="search"
        label="Search by name"
        value={q}
        onChange={(event) => search(event.target.value)}
        sx={{ mb: 2, maxWidth: 320 }}
      />
      <Section title="Tasks" padded={false}>
        <Asked query={tasks} lines={6}>
          {({ items, next_cursor }) =>
            items.length === 0 ? (
              q ? (
                <Empty
                  title={`No task is called “${q}”`}
                  text="Another word may find it."
                  action={<Button onClick={() => search("")}>Clear the search</Button>}
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
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                  {items.map((task) => (
                    <Box
                      component="li"
                      key={task.id}
                      sx={{
                        display: "grid",
                        gap: { xs: 0.25, md: 2 },
                        gridTemplateColumns: { md: "5fr 2fr 4fr 2fr" },
                        px: 2,
                        py: 1.25,
                        "& + &": { borderTop: 1, borderColor: "divider" },
                      }}
                    >
                      <Box sx={{ minWidth: 0 }}>
                        <TextLink
                          underline="hover"
                          to="/tasks/$id"
                          params={{ id: task.id }}
                          sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
                        >
                          {task.name}
                        </TextLink>
                        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                          {task.services.slice(0, 6).join(", ")}
                          {task.services.length > 6
                            ? ` and ${task.services.length - 6} more`
                            : ""}
                        </Box>
                      </Box>
                      <Box>{TYPES[task.type]}</Box>
                      <Box sx={{ color: "text.secondary" }}>{task.schedule_in_words}</Box>
                      <Box sx={{ color: "text.secondary" }}>
                        {task.enabled ? (
                          <When at={task.next_run_at} none="by hand" />
                        ) : (
                          `disabled${task.disabled_reason ? `: ${task.disabled_reason.replaceAll("_", " ")}` : ""}`
                        )}
                      </Box>
                    </Box>
                  ))}
                </Box>
                {next_cursor || cursor ? (
                  <Box sx={{ p: 1, borderTop: 1, borderColor: "divider" }}>
                    {cursor ? (
                      <Button
                        onClick={() => void navigate({ search: { q: q || undefined } })}
                      >
                        First page
                      </Button>
                    ) : null}
                    {next_cursor ? (
                      <Button
                        onClick={() =>
                          void navigate({
                            search: { q: q || undefined, cursor: next_cursor },
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

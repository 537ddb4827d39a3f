import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { createFileRoute } from "@tanstack/react-router";
import { EventDetail } from "~/features/audit/EventDetail";
import { EventRow } from "~/features/audit/EventRow";
import { ExportButton } from "~/features/audit/ExportButton";
import { FilterBar } from "~/features/audit/FilterBar";
import { type AuditFilter, filterOf, isFiltered } from "~/features/audit/filters";
import { Heads } from "~/features/audit/Heads";
import { useEvents } from "~/features/audit/queries";
import { actorInWords } from "~/features/audit/words";
import { useMembers } from "~/features/members/queries";
import { useMay, useMe } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { TextLink } from "~/parts/links";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { idOf, type Search } from "~/parts/search";
import { AuditSubject } from "./-AuditSubject";

export const Route = createFileRoute("/_app/audit-log")({
  validateSearch: (search: Search): AuditFilter & { event?: string } => ({
    ...filterOf(search),
    event: idOf(search.event),
  }),
  component: AuditLog,
});

function AuditLog() {
  const may = useMay("audit.read");
  const { label_scope } = useMe();
  return (
    <Page
      title="Audit log"
      intro="Who did what, and what was refused. Nothing in it can be changed: each event holds the hash of the one before."
    >
      {may ? (
        <Log />
      ) : (
        <Empty
          title="You may not read the audit log"
          text={
            label_scope
              ? "It tells of all accounts, and your access is limited to some."
              : "It is for admins and owners: ask one of them."
          }
        />
      )}
    </Page>
  );
}

function Log() {
  const { event: opened, ...filter } = Route.useSearch();
  const navigate = Route.useNavigate();
  const events = useEvents(filter);
  const members = useMembers().data?.pages.flatMap(({ items }) => items) ?? [];
  const all = events.data?.pages.flatMap(({ items }) => items) ?? [];
  const shown = all.find(({ id }) => id === opened);
  const ask = (next: AuditFilter) => void navigate({ search: next });
  const isFurtherDown = Boolean(opened) && !shown && all.length > 0;
  return (
    <>
      <FilterBar filter={filter} members={members} onChange={ask} />
      {isFurtherDown ? (
        <Alert severity="info" variant="outlined" sx={{ mb: 2 }}>
          The event of this link is not among those shown
          {events.hasNextPage ? ": show more of them." : "."}
        </Alert>
      ) : null}
      <Section title="Events" padded={false} aside={<ExportButton filter={filter} />}>
        <Asked query={events} lines={12}>
          {() =>
            all.length === 0 ? (
              isFiltered(filter) ? (
                <Empty
                  title="No event matches"
                  text="Another day, or fewer filters, may find some."
                  action={<Button onClick={() => ask({})}>Clear the filters</Button>}
                />
              ) : (
                <Empty
                  title="No event yet"
                  text="Each act in the organization is written down here."
                />
              )
            ) : (
              <>
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                  {all.map((event) => (
                    <EventRow
                      key={event.id}
                      event={event}
                      who={actorInWords(event.actor, members)}
                      title={
                        <TextLink
                          underline="hover"
                          to="/audit-log"
                          search={{ ...filter, event: event.id }}
                          resetScroll={false}
                          sx={{ fontWeight: 550 }}
                        >
                          {event.action}
                        </TextLink>
                      }
                    />
                  ))}
                </Box>
                <More query={events} />
              </>
            )
          }
        </Asked>
      </Section>
      <Section title="Ends of the chain" padded={false}>
        <Heads />
      </Section>
      {shown ? (
        <EventDetail
          event={shown}
          who={actorInWords(shown.actor, members)}
          subject={<AuditSubject event={shown} />}
          onOnly={ask}
          onClose={() => void navigate({ search: filter, resetScroll: false })}
        />
      ) : null}
    </>
  );
}

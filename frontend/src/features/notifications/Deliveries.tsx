import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import type { ReactNode } from "react";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { Section } from "~/parts/Page";
import { When } from "~/parts/When";
import { lookOf } from "~/status";
import { DeliveryRow } from "./DeliveryRow";
import { useDeliveries } from "./deliveries";
import { type LogSearch, STATUSES } from "./places";
import type { Kind } from "./queries";
import { ReplayAll } from "./ReplayAll";
import { EVENTS, eventOf } from "./words";

type Props = {
  /** The channel or endpoint that was told; all of them without one. */
  to?: { kind: Kind; of: { id: string; name: string; enabled: boolean } };
  may: boolean;
  search: LogSearch;
  onSearch: (next: LogSearch) => void;
};

const LOGGED = EVENTS.map(({ id }) => id);
const APPEARS = {
  channel: "What it is told appears here. A test does not.",
  endpoint: "Each event that it names appears here. A test does not.",
};

/** What was told: each with its tries, and each to be told again. */
export function Deliveries({ to, may, search, onSearch }: Props) {
  const { status, event, cursor, delivery: open } = search;
  const log = useDeliveries(to && { kind: to.kind, id: to.of.id }, {
    status,
    event,
    cursor,
  });
  const filter = (more: LogSearch) => onSearch({ status, event, ...more });
  const isFiltered = Boolean(status ?? event);
  return (
    <Section
      title="Deliveries"
      padded={false}
      aside={to ? <ReplayAll {...to} may={may} /> : null}
    >
      <Box sx={{ display: "flex", gap: 1.5, flexWrap: "wrap", p: 2, pb: 1 }}>
        <Narrowed
          label="Outcome"
          value={status ?? ""}
          onPick={(next) => filter({ status: STATUSES.find((one) => one === next) })}
          words={STATUSES}
          said={(one) => lookOf(one).label}
        />
        <Narrowed
          label="Event"
          value={event ?? ""}
          onPick={(next) => filter({ event: next || undefined })}
          words={event && !LOGGED.includes(event) ? [event, ...LOGGED] : LOGGED}
          said={eventOf}
        />
      </Box>
      <Asked query={log} lines={6}>
        {({ items, next_cursor, purged_until }) => (
          <>
            {items.length === 0 ? (
              isFiltered || cursor ? (
                <Empty
                  title="No delivery is like that"
                  text="Others there may be."
                  action={<Button onClick={() => onSearch({})}>Clear the filters</Button>}
                />
              ) : (
                <Empty
                  title={to ? "It was told nothing yet" : "Nobody was told anything yet"}
                  text={APPEARS[to?.kind ?? "channel"]}
                />
              )
            ) : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((one) => (
                  <DeliveryRow
                    key={one.id}
                    delivery={one}
                    may={may}
                    namesRecipient={!to}
                    isOpen={open === one.id}
                    onOpen={(isOpen) =>
                      onSearch({ ...search, delivery: isOpen ? one.id : undefined })
                    }
                  />
                ))}
              </Box>
            )}
            <Pages
              first={cursor ? () => filter({}) : undefined}
              next={next_cursor ? () => filter({ cursor: next_cursor }) : undefined}
            >
              {purged_until ? (
                <>
                  What ended before <When at={purged_until} /> is kept no longer.
                </>
              ) : null}
            </Pages>
          </>
        )}
      </Asked>
    </Section>
  );
}

type NarrowedProps = {
  label: string;
  value: string;
  words: readonly string[];
  said: (word: string) => string;
  onPick: (word: string) => void;
};

function Narrowed({ label, value, words, said, onPick }: NarrowedProps) {
  return (
    <TextField
      select
      id={`filter-${label}`}
      label={label}
      value={value}
      onChange={(event) => onPick(event.target.value)}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      sx={{ maxWidth: 220 }}
    >
      <MenuItem value="">All</MenuItem>
      {words.map((word) => (
        <MenuItem key={word} value={word}>
          {said(word)}
        </MenuItem>
      ))}
    </TextField>
  );
}

type PagesProps = { first?: () => void; next?: () => void; children?: ReactNode };

/** The way through a long list, where it is one. */
export function Pages({ first, next, children }: PagesProps) {
  if (!first && !next && !children) return null;
  return (
    <Box
      sx={{
        display: "flex",
        alignItems: "center",
        p: 1,
        borderTop: 1,
        borderColor: "divider",
      }}
    >
      {first ? <Button onClick={first}>First page</Button> : null}
      {next ? <Button onClick={next}>Next page</Button> : null}
      <Box sx={{ color: "text.secondary", fontSize: 12, px: 1 }}>{children}</Box>
    </Box>
  );
}

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { createFileRoute } from "@tanstack/react-router";
import { AccountRow } from "~/features/accounts/AccountRow";
import { matching, type Seen, verdictOf } from "~/features/accounts/matching";
import { useAccounts } from "~/features/accounts/queries";
import { useEveryHealth } from "~/features/health/queries";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { type Search, textOf } from "~/parts/search";
import { TextFilter } from "~/parts/TextFilter";
import { lookOf } from "~/status";

const SHOWN = 200;
const FEW = 8; // who has so few needs no search

type AccountSearch = { q?: string; verdict?: string };

export const Route = createFileRoute("/_app/accounts/")({
  validateSearch: ({ q, verdict }: Search): AccountSearch => ({
    q: textOf(q),
    verdict: textOf(verdict),
  }),
  component: Accounts,
});

function Accounts() {
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const accounts = useAccounts();
  const known = useEveryHealth();
  const health = new Map(known.data?.items.map((one) => [one.id, one]));
  const may = useMay("credentials.edit");
  const connect = may ? (
    <LinkButton to="/accounts/connect">Connect an account</LinkButton>
  ) : null;
  const change = (next: AccountSearch) =>
    void navigate({ search: next, replace: true, resetScroll: false });
  return (
    <Page title="AWS accounts" actions={connect}>
      <Asked query={accounts} lines={5}>
        {({ items }) => {
          const seen = items.map((account) => ({
            account,
            health: health.get(account.id),
          }));
          const isLong = items.length > FEW || search.q || search.verdict;
          return (
            <>
              {isLong ? <Filters search={search} of={seen} onChange={change} /> : null}
              <Section title="Accounts" padded={false}>
                {items.length === 0 ? (
                  <Empty
                    title="No account yet"
                    text={
                      may
                        ? "Connect one with a role that only reads; it takes two minutes."
                        : "An administrator of the organization can connect one."
                    }
                    action={connect}
                  />
                ) : (
                  // They are shown even where it cannot be read how they are.
                  <Asked query={{ ...known, data: known.isPending ? undefined : true }}>
                    {() => (
                      <Rows
                        found={matching(seen, search.q, search.verdict)}
                        onClear={() => change({})}
                      />
                    )}
                  </Asked>
                )}
              </Section>
            </>
          );
        }}
      </Asked>
    </Page>
  );
}

type FiltersProps = {
  search: AccountSearch;
  of: readonly Seen[];
  onChange: (next: AccountSearch) => void;
};

function Filters({ search, of, onChange }: FiltersProps) {
  const { q = "", verdict = "" } = search;
  const words = new Set(of.map(verdictOf).filter((word) => word !== undefined));
  return (
    <Box
      role="search"
      sx={{
        display: "grid",
        gap: 1.5,
        mb: 2,
        gridTemplateColumns: { xs: "1fr", md: "2fr 1fr" },
      }}
    >
      <TextFilter
        type="search"
        label="Search by name, account id or label"
        value={q}
        onChange={(typed) => onChange({ ...search, q: typed || undefined })}
      />
      <TextField
        id="verdict"
        select
        label="Verdict"
        value={words.has(verdict) ? verdict : ""}
        onChange={(event) =>
          onChange({ ...search, verdict: event.target.value || undefined })
        }
        slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
      >
        <MenuItem value="">All</MenuItem>
        {[...words].sort().map((word) => (
          <MenuItem key={word} value={word}>
            {lookOf(word).label}
          </MenuItem>
        ))}
      </TextField>
    </Box>
  );
}

function Rows({ found, onClear }: { found: readonly Seen[]; onClear: () => void }) {
  if (found.length === 0)
    return (
      <Empty
        title="No account matches"
        text="There are accounts that the search leaves out."
        action={<Button onClick={onClear}>Clear the search</Button>}
      />
    );
  return (
    <>
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {found.slice(0, SHOWN).map((one) => (
          <AccountRow key={one.account.id} of={one} />
        ))}
      </Box>
      {found.length > SHOWN ? (
        <Box sx={{ px: 2, py: 1.25, color: "text.secondary" }}>
          The first {SHOWN} of {found.length}: search for the others.
        </Box>
      ) : null}
    </>
  );
}

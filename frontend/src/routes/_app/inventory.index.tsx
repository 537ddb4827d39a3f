import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import { createFileRoute } from "@tanstack/react-router";
import { useCallback } from "react";
import { useAccounts } from "~/features/accounts/queries";
import { FilterBar } from "~/features/inventory/FilterBar";
import { OverDays } from "~/features/inventory/OverDays";
import { exportWanted, useCounts, useResources } from "~/features/inventory/queries";
import { ResourceRows } from "~/features/inventory/ResourceRows";
import { isNarrowed, type Wanted, wantedOf } from "~/features/inventory/wanted";
import { useServices } from "~/features/tasks/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { ExportMenu } from "~/parts/ExportMenu";
import { LinkButton } from "~/parts/links";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { Listings } from "./-Listings";

export const Route = createFileRoute("/_app/inventory/")({
  validateSearch: wantedOf,
  component: Inventory,
});

const LINES = 8;

/** What is there, in all accounts, as it was last read. */
function Inventory() {
  const wanted = Route.useSearch();
  const navigate = Route.useNavigate();
  const accounts = useAccounts().data?.items ?? [];
  const services = useServices().data?.items ?? [];
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  const regions = [...new Set(services.flatMap((one) => one.regions ?? []))].sort();
  const change = useCallback(
    (change: Wanted) =>
      void navigate({
        search: (now) => wantedOf({ ...now, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  return (
    <Page
      title="Inventory"
      intro="What is in your accounts, as the listings last read it."
      actions={<ExportMenu ask={exportWanted(wanted)} what="these resources" />}
    >
      <FilterBar
        wanted={wanted}
        accounts={accounts.map(({ id, name }) => ({ id, label: name }))}
        services={services
          .filter(({ listable }) => listable !== "not_applicable")
          .map(({ name, title }) => ({ id: name, label: `${title} (${name})` }))}
        regions={regions}
        onChange={change}
      />
      <Box sx={{ mb: 2, color: "text.secondary" }}>
        <Listings
          account={wanted.account}
          service={wanted.service}
          region={wanted.region}
        />
      </Box>
      <Counts wanted={wanted} />
      <Found wanted={wanted} names={names} />
    </Page>
  );
}

/** Of what an account, a service or all of them hold: the other filters do not narrow it. */
function Counts({ wanted }: { wanted: Wanted }) {
  const counts = useCounts(wanted);
  const others = { ...wanted, account: undefined, service: undefined };
  return (
    <Section
      title="Over time"
      aside={
        isNarrowed(others) ? (
          <Box sx={{ color: "text.secondary" }}>by account and service alone</Box>
        ) : null
      }
    >
      <Asked query={counts} lines={6}>
        {(found) => <OverDays counts={found} />}
      </Asked>
    </Section>
  );
}

type FoundProps = { wanted: Wanted; names: ReadonlyMap<string, string> };

function Found({ wanted, names }: FoundProps) {
  const navigate = Route.useNavigate();
  const found = useResources(wanted);
  const items = found.data?.pages.flatMap((page) => page.items);
  const clear = (
    <Button size="small" onClick={() => void navigate({ search: {} })}>
      Clear the filters
    </Button>
  );
  return (
    <Section
      title="Resources"
      padded={false}
      aside={isNarrowed(wanted) && items?.length ? clear : null}
    >
      {found.error ? (
        <Box sx={{ p: 2 }}>
          <TroubleAlert error={found.error} onRetry={() => void found.refetch()} />
        </Box>
      ) : null}
      {items || found.error ? null : (
        <Box aria-busy="true" sx={{ p: 2 }}>
          {Array.from({ length: LINES }, (_, index) => (
            <Skeleton key={index} height={38} sx={{ transform: "none", mb: 1 }} />
          ))}
        </Box>
      )}
      {items?.length === 0 ? (
        isNarrowed(wanted) ? (
          <Empty
            title="No resource matches"
            text="Fewer filters may find it, or it was not listed yet."
            action={clear}
          />
        ) : (
          <Empty
            title="Nothing was listed yet"
            text="A task that lists resources fills the inventory, and keeps it new."
            action={<LinkButton to="/tasks/new">Make a task</LinkButton>}
          />
        )
      ) : null}
      {items && items.length > 0 ? (
        <>
          <ResourceRows items={items} names={names} />
          <More query={found} shown={items.length} />
        </>
      ) : null}
    </Section>
  );
}

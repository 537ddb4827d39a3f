import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Skeleton from "@mui/material/Skeleton";
import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import type { ResourceDetail } from "~/client";
import { useAccounts } from "~/features/accounts/queries";
import { resourceQuery, useVersions } from "~/features/inventory/queries";
import { ReadAt } from "~/features/inventory/ReadAt";
import { VersionChanges } from "~/features/inventory/VersionChanges";
import { VersionList } from "~/features/inventory/VersionList";
import { CopyIcon } from "~/parts/Copy";
import { Facts } from "~/parts/Facts";
import { LinkButton, TextLink } from "~/parts/links";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { idOf, type Search } from "~/parts/search";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/inventory/$id")({
  validateSearch: (search: Search): { version?: string } => ({
    version: idOf(search.version),
  }),
  loader: ({ context, params }) =>
    context.queries.query({ ...resourceQuery(params.id), staleTime: "static" }),
  component: ResourcePage,
});

/** One resource: what it is, what it was, and what changed in between. */
function ResourcePage() {
  const { id } = Route.useParams();
  const { version: asked } = Route.useSearch();
  const { data: resource } = useSuspenseQuery(resourceQuery(id));
  const accounts = useAccounts().data?.items;
  const account = accounts?.find((one) => one.id === resource.aws_account_id)?.name;
  const history = useVersions(id);
  const versions = history.data?.pages.flatMap((page) => page.items) ?? [];
  const found = versions.findIndex((one) => one.id === asked);
  const place = Math.max(0, found);
  const chosen = versions[place];
  const purged = history.data?.pages[0]?.purged_until;
  return (
    <Page
      title={resource.name ?? resource.identity}
      intro={<ReadAt resource={resource} />}
      actions={
        <LinkButton
          to="/inventory"
          search={{ service: resource.service, type: resource.type }}
          variant="outlined"
          color="inherit"
          size="small"
        >
          All of this type
        </LinkButton>
      }
    >
      <Box
        sx={{
          display: "grid",
          columnGap: 2.5,
          gridTemplateColumns: { lg: "2fr minmax(0, 3fr)" },
          alignItems: "start",
          "& > *": { minWidth: 0 },
        }}
      >
        <Box>
          <Section title="Resource">
            <Facts facts={factsOf(resource, account)} />
          </Section>
          <Section title="History" padded={false}>
            {history.error ? (
              <Box sx={{ p: 2 }}>
                <TroubleAlert
                  error={history.error}
                  onRetry={() => void history.refetch()}
                />
              </Box>
            ) : null}
            {history.isPending ? (
              <Box aria-busy="true" sx={{ p: 2 }}>
                <Skeleton height={38} sx={{ transform: "none" }} />
              </Box>
            ) : null}
            <VersionList
              resourceId={id}
              versions={versions}
              chosen={chosen?.id}
              hasMore={history.hasNextPage}
            />
            {asked && found < 0 && chosen ? (
              <Box sx={{ px: 2, py: 1, color: "text.secondary" }}>
                The version that the link names is not among these: the newest is shown.
              </Box>
            ) : null}
            {versions.length > 0 ? (
              <More query={history} shown={versions.length} />
            ) : null}
            {purged ? (
              <Box sx={{ px: 2, pb: 1.5, color: "text.secondary", fontSize: 12 }}>
                What ended before <When at={purged} /> may have been deleted: the plan
                keeps it for so long.
              </Box>
            ) : null}
          </Section>
        </Box>
        <Box>
          {chosen ? (
            <VersionChanges id={id} version={chosen} before={versions[place + 1]} />
          ) : null}
        </Box>
      </Box>
    </Page>
  );
}

function factsOf(resource: ResourceDetail, account: string | undefined) {
  const { arn, tags, aws_account_id: id } = resource;
  return [
    [
      "Account",
      <TextLink key="account" to="/accounts/$id" params={{ id }}>
        {account ?? resource.account_id}
      </TextLink>,
    ],
    ["Type", `${resource.type}, of ${resource.service}`],
    ["Region", resource.region],
    ["State", resource.state ?? "none told"],
    ["Identity", resource.identity],
    [
      "ARN",
      arn ? (
        <>
          {arn} <CopyIcon text={arn} what="ARN" />
        </>
      ) : (
        "none told"
      ),
    ],
    ["First seen", <When key="first" at={resource.first_seen_at} />],
    ["Last changed", <When key="changed" at={resource.changed_at} />],
    ...(resource.gone_at
      ? [["Gone since", <When key="gone" at={resource.gone_at} />] as const]
      : []),
    [
      "Tags",
      Object.keys(tags).length === 0 ? (
        "none in what the listing told"
      ) : (
        <Box key="tags" sx={{ display: "flex", flexWrap: "wrap", gap: 0.5 }}>
          {Object.entries(tags).map(([key, value]) => (
            <Chip
              key={key}
              size="small"
              variant="outlined"
              label={value ? `${key}: ${value}` : key}
            />
          ))}
        </Box>
      ),
    ],
  ] as const;
}

import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { createFileRoute } from "@tanstack/react-router";
import { Deliveries } from "~/features/notifications/Deliveries";
import {
  type Tab as Kind,
  type LogSearch,
  logSearch,
  TABS,
} from "~/features/notifications/places";
import { useMay } from "~/features/session/queries";
import { Empty } from "~/parts/Empty";
import { Page } from "~/parts/Page";
import { oneOf, type Search } from "~/parts/search";
import { MutesTab } from "./-MutesTab";
import { ChannelsTab, EndpointsTab, RulesTab } from "./-NotificationTabs";

type Shown = LogSearch & { tab?: Kind; mute?: true };

export const Route = createFileRoute("/_app/notifications/")({
  validateSearch: (search: Search): Shown => ({
    ...logSearch(search),
    tab: oneOf(search.tab, TABS),
    mute: search.mute === true ? true : undefined,
  }),
  component: Notifications,
});

const LABELS: Record<Kind, string> = {
  channels: "Channels",
  rules: "Rules",
  endpoints: "Webhook endpoints",
  mutes: "Mutes",
  deliveries: "Deliveries",
};

/** Who is told of what, and how it arrives. */
function Notifications() {
  const { tab = "channels", mute, ...log } = Route.useSearch();
  const navigate = Route.useNavigate();
  const may = useMay("notifications.edit");
  if (!useMay("notifications.read")) {
    return (
      <Page title="Notifications">
        <Empty
          title="You may not see whom this organization tells"
          text="Members who see all accounts may. An owner or admin can give you that."
        />
      </Page>
    );
  }
  return (
    <Page title="Notifications" intro="Who is told of what, and how it arrives.">
      <Tabs
        value={tab}
        aria-label="Notifications"
        variant="scrollable"
        allowScrollButtonsMobile
        onChange={(_, next: Kind) => void navigate({ search: { tab: next } })}
        sx={{ mb: 2 }}
      >
        {TABS.map((one) => (
          <Tab key={one} value={one} label={LABELS[one]} />
        ))}
      </Tabs>
      {tab === "channels" ? <ChannelsTab may={may} /> : null}
      {tab === "rules" ? <RulesTab may={may} /> : null}
      {tab === "endpoints" ? <EndpointsTab may={may} /> : null}
      {tab === "mutes" ? (
        <MutesTab
          may={may}
          cursor={log.cursor}
          isOpen={Boolean(mute)}
          onShow={(next) => void navigate({ search: { tab, ...next } })}
        />
      ) : null}
      {tab === "deliveries" ? (
        <Deliveries
          may={may}
          search={log}
          onSearch={(next) => void navigate({ search: { tab, ...next } })}
        />
      ) : null}
    </Page>
  );
}

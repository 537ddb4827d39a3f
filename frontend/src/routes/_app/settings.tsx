import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { createFileRoute } from "@tanstack/react-router";
import { Deletion } from "~/features/organization/Deletion";
import { MfaRule } from "~/features/organization/MfaRule";
import { NameForm } from "~/features/organization/NameForm";
import { useOrganization } from "~/features/organization/queries";
import { EndEverywhere } from "~/features/session/EndEverywhere";
import { Leaving } from "~/features/session/Leaving";
import { PasswordForm } from "~/features/session/PasswordForm";
import { Profile } from "~/features/session/Profile";
import { useMay, useMe } from "~/features/session/queries";
import { SecondFactor } from "~/features/session/SecondFactor";
import { Sessions } from "~/features/session/Sessions";
import { useMfa } from "~/features/session/security";
import { ZoneForm } from "~/features/session/ZoneForm";
import { Asked } from "~/parts/Asked";
import { Page, Section } from "~/parts/Page";
import { oneOf, type Search } from "~/parts/search";

const TABS = ["profile", "mfa", "sessions", "organization"] as const;
const LABELS: Record<(typeof TABS)[number], string> = {
  profile: "Profile",
  mfa: "Second factor",
  sessions: "Sessions",
  organization: "Organization",
};
const ASKS = ["mfa-off", "codes", "everywhere", "delete", "leave"] as const;
type Ask = (typeof ASKS)[number];

export const Route = createFileRoute("/_app/settings")({
  validateSearch: (search: Search): { tab?: (typeof TABS)[number]; ask?: Ask } => ({
    tab: oneOf(search.tab, TABS),
    ask: oneOf(search.ask, ASKS),
  }),
  component: Settings,
});

function Settings() {
  const { tab = "profile", ask } = Route.useSearch();
  const navigate = Route.useNavigate();
  const open = (next: Ask | undefined) => void navigate({ search: { tab, ask: next } });
  const leave = () => void navigate({ to: "/sign-in", reloadDocument: true });
  return (
    <Page title="Settings" intro="You, and the organization that you are in.">
      <Tabs
        value={tab}
        variant="scrollable"
        scrollButtons={false}
        aria-label="Settings"
        onChange={(_, next: (typeof TABS)[number]) =>
          void navigate({ search: { tab: next } })
        }
        sx={{ mb: 2 }}
      >
        {TABS.map((one) => (
          <Tab key={one} value={one} label={LABELS[one]} />
        ))}
      </Tabs>
      {tab === "profile" ? (
        <>
          <Section title="You">
            <Profile />
          </Section>
          <Section title="Time zone">
            <ZoneForm />
          </Section>
          <Section title="Password">
            <PasswordForm />
          </Section>
          <Section title="What is kept about you">
            <Leaving
              isAsked={ask === "leave"}
              onAsk={(isAsked) => open(isAsked ? "leave" : undefined)}
              onDone={leave}
            />
          </Section>
        </>
      ) : null}
      {tab === "mfa" ? <Mfa ask={ask} onAsk={open} /> : null}
      {tab === "sessions" ? (
        <Section
          title="Where you are signed in"
          padded={false}
          aside={
            <EndEverywhere
              isAsked={ask === "everywhere"}
              onAsk={(isAsked) => open(isAsked ? "everywhere" : undefined)}
              onDone={leave}
            />
          }
        >
          <Sessions />
        </Section>
      ) : null}
      {tab === "organization" ? (
        <Organization
          isAsked={ask === "delete"}
          onAsk={(isAsked) => open(isAsked ? "delete" : undefined)}
        />
      ) : null}
    </Page>
  );
}

type MfaProps = { ask: Ask | undefined; onAsk: (ask: Ask | undefined) => void };

function Mfa({ ask, onAsk }: MfaProps) {
  const mfa = useMfa();
  return (
    <Section title="Second factor">
      <Asked query={mfa} lines={3}>
        {(found) => (
          <SecondFactor
            mfa={found}
            ask={oneOf(ask, ["mfa-off", "codes"])}
            onAsk={onAsk}
          />
        )}
      </Asked>
    </Section>
  );
}

type OrganizationProps = { isAsked: boolean; onAsk: (isAsked: boolean) => void };

function Organization({ isAsked, onAsk }: OrganizationProps) {
  const organization = useOrganization();
  const { mfa_enabled } = useMe();
  const mayEdit = useMay("organization.edit");
  const mayDelete = useMay("organization.delete");
  const mayExport = useMay("organization.export");
  return (
    <>
      <Section title="Organization">
        <Asked query={organization} lines={2}>
          {(found) => <NameForm organization={found} may={mayEdit} />}
        </Asked>
      </Section>
      <Section title="Second factor of members">
        <Asked query={organization} lines={2}>
          {(found) => <MfaRule organization={found} may={mayEdit} hasMfa={mfa_enabled} />}
        </Asked>
      </Section>
      <Section title="Export and deletion">
        <Asked query={organization} lines={2}>
          {(found) => (
            <Deletion
              organization={found}
              may={mayDelete}
              mayExport={mayExport}
              isAsked={isAsked}
              onAsk={onAsk}
            />
          )}
        </Asked>
      </Section>
    </>
  );
}

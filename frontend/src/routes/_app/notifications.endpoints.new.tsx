import Stack from "@mui/material/Stack";
import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import type { EndpointMade } from "~/client";
import { EndpointForm } from "~/features/notifications/EndpointForm";
import { WHY_NOT } from "~/features/notifications/Guarded";
import { SecretOnce } from "~/features/notifications/SecretOnce";
import { useMay } from "~/features/session/queries";
import { Empty } from "~/parts/Empty";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";

export const Route = createFileRoute("/_app/notifications/endpoints/new")({
  component: NewEndpoint,
});

function NewEndpoint() {
  const may = useMay("notifications.edit");
  const [made, setMade] = useState<EndpointMade | null>(null);
  if (made) {
    return (
      <Page title={`“${made.name}” is added`} intro={made.url}>
        <Section title="Its signing secret">
          <Stack spacing={2} sx={{ alignItems: "start" }}>
            <SecretOnce secret={made.secret} />
            <LinkButton to="/notifications/endpoints/$id" params={{ id: made.id }}>
              I have stored it
            </LinkButton>
          </Stack>
        </Section>
      </Page>
    );
  }
  return (
    <Page
      title="Add a webhook endpoint"
      intro="Your own system is sent the events themselves, as signed JSON."
    >
      {may ? (
        <EndpointForm onMade={setMade} />
      ) : (
        <Empty title="Your role may not" text={WHY_NOT} />
      )}
    </Page>
  );
}

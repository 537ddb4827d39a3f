import { createFileRoute } from "@tanstack/react-router";
import { ChannelForm } from "~/features/notifications/ChannelForm";
import { WHY_NOT } from "~/features/notifications/Guarded";
import { useMay } from "~/features/session/queries";
import { Empty } from "~/parts/Empty";
import { Page } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { useCredentialChoices } from "./-notificationChoices";

export const Route = createFileRoute("/_app/notifications/channels/new")({
  component: NewChannel,
});

function NewChannel() {
  const navigate = Route.useNavigate();
  const may = useMay("notifications.edit");
  const { credentials, trouble } = useCredentialChoices();
  return (
    <Page
      title="Add a channel"
      intro="A way to tell people. A rule says what is told there."
    >
      {trouble ? <TroubleAlert {...trouble} /> : null}
      {may ? (
        <ChannelForm
          credentials={credentials}
          onDone={({ id }) =>
            void navigate({
              to: "/notifications/channels/$id",
              params: { id },
              ignoreBlocker: true,
            })
          }
        />
      ) : (
        <Empty title="Your role may not" text={WHY_NOT} />
      )}
    </Page>
  );
}

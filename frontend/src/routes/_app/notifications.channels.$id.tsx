import Button from "@mui/material/Button";
import { createFileRoute } from "@tanstack/react-router";
import { ChannelFacts } from "~/features/notifications/ChannelFacts";
import { ChannelForm } from "~/features/notifications/ChannelForm";
import { DeleteButton } from "~/features/notifications/DeleteButton";
import { Deliveries } from "~/features/notifications/Deliveries";
import { ChannelSwitch } from "~/features/notifications/EnabledSwitch";
import { Guarded } from "~/features/notifications/Guarded";
import { MuteButton } from "~/features/notifications/MuteButton";
import { logSearch } from "~/features/notifications/places";
import {
  channelQuery,
  useChannel,
  useDeleteChannel,
} from "~/features/notifications/queries";
import { TestButton } from "~/features/notifications/TestButton";
import { TYPES } from "~/features/notifications/words";
import { useMay } from "~/features/session/queries";
import { TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { useCredentialChoices } from "./-notificationChoices";

export const Route = createFileRoute("/_app/notifications/channels/$id")({
  validateSearch: logSearch,
  loader: ({ context, params }) =>
    context.queries.query({ ...channelQuery(params.id), staleTime: "static" }),
  component: ChannelPage,
});

function ChannelPage() {
  const { id } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { data: channel } = useChannel(id);
  const may = useMay("notifications.edit");
  const { credentials, trouble } = useCredentialChoices();
  const deleting = useDeleteChannel();
  const show = (next: typeof search, ignoreBlocker = false) =>
    void navigate({ search: next, ignoreBlocker });
  const isEditing = Boolean(search.edit) && may;
  const away = () => void navigate({ to: "/notifications", search: {} });
  return (
    <Page
      title={channel.name}
      intro={
        <>
          {TYPES[channel.type]} ·{" "}
          <TextLink to="/notifications" search={{ tab: "channels" }}>
            a channel
          </TextLink>
        </>
      }
      actions={
        <>
          <ChannelSwitch of={channel} may={may} />
          <MuteButton kind="channel_id" of={channel} maySee may={may} />
          <Guarded
            may={may}
            variant="outlined"
            size="small"
            onClick={() => show({ ...search, edit: true })}
          >
            Edit
          </Guarded>
          <DeleteButton
            of={channel}
            what="the channel"
            means="Nothing is told there any more, its secret is destroyed, and rules that name it tell it to their other channels alone. What was told stays on record. It can be undone for some seconds."
            may={may}
            deleting={deleting}
            onDone={away}
          />
          <TestButton kind="channel" of={channel} may={may} />
        </>
      }
    >
      {isEditing ? (
        <Section
          title="Change it"
          aside={
            <Button size="small" onClick={() => show({ ...search, edit: undefined })}>
              Leave it as it is
            </Button>
          }
        >
          {trouble ? <TroubleAlert {...trouble} /> : null}
          <ChannelForm
            channel={channel}
            credentials={credentials}
            onDone={() => show({ ...search, edit: undefined }, true)}
          />
        </Section>
      ) : (
        <Section title="How it stands">
          <ChannelFacts channel={channel} may={may} />
        </Section>
      )}
      <Deliveries
        to={{ kind: "channel", of: channel }}
        may={may}
        search={search}
        onSearch={(next) => show({ ...next, edit: search.edit })}
      />
    </Page>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { ChannelRead } from "~/client";
import { Field, FormTrouble, Submit } from "~/parts/form";
import { Met } from "~/parts/Met";
import { ChannelTarget } from "./ChannelTarget";
import {
  bodyOf,
  CHANNEL_FIELDS,
  CHANNEL_TYPES,
  type ChannelTyped,
  shapeOf,
  typedChannel,
} from "./channel";
import { placeWithin, useKept } from "./form";
import { LabelsField } from "./LabelsField";
import { Pick } from "./Pick";
import { channelOf, useAddChannel, useUpdateChannel } from "./queries";
import { type Tagged, useMeeting } from "./useMeeting";
import { type Choice, TYPES } from "./words";

type Props = {
  /** The one to be changed; none for a new one. */
  channel?: Tagged<ChannelRead>;
  credentials: readonly Choice[] | undefined;
  onDone: (channel: ChannelRead) => void;
};

const KINDS = CHANNEL_TYPES.map((id) => ({ id, label: TYPES[id] }));

export function ChannelForm({ channel, credentials, onDone }: Props) {
  const add = useAddChannel();
  const update = useUpdateChannel();
  const meeting = useMeeting({
    one: channel,
    read: channelOf,
    typedOf: typedChannel,
  });
  const [placed, setPlaced] = useState(false);
  // Sent twice, it is made once.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const form = useForm<ChannelTyped>({
    resolver: zodResolver(shapeOf(!channel)),
    defaultValues: typedChannel(channel),
  });
  useKept(form.formState.isDirty);
  const submit = form.handleSubmit((typed) => {
    const body = bodyOf(typed);
    const then = {
      onSuccess: onDone,
      onError: (error: unknown) => {
        if (meeting.met(error, update.reset)) return;
        setPlaced(placeWithin(form, error, CHANNEL_FIELDS));
        setKey(crypto.randomUUID());
      },
    };
    const { headers } = meeting;
    if (channel) update.mutate({ path: { id: channel.id }, body, headers }, then);
    else add.mutate({ body, headers: { "idempotency-key": idempotencyKey } }, then);
  });
  return (
    <Stack
      component="form"
      noValidate
      onSubmit={submit}
      spacing={1.5}
      sx={{ maxWidth: 560 }}
    >
      {meeting.isMet ? (
        <Met
          what="the channel"
          onTakeTheirs={() => {
            form.reset(typedChannel(meeting.base));
            meeting.end();
          }}
        />
      ) : null}
      <FormTrouble error={add.error ?? meeting.error ?? update.error} placed={placed} />
      <Pick
        form={form}
        name="configuration.type"
        label="Type"
        choices={KINDS}
        disabled={Boolean(channel)}
        helperText={channel ? "It stays: add another channel for another type." : " "}
      />
      <Field
        form={form}
        name="name"
        label="Name"
        helperText="What you call it, such as On call."
      />
      <ChannelTarget form={form} channel={channel} credentials={credentials} />
      <LabelsField form={form} name="label_scope" />
      <div>
        <Submit busy={add.isPending || update.isPending}>
          {channel ? "Save the channel" : "Add the channel"}
        </Submit>
      </div>
    </Stack>
  );
}

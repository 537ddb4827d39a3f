import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { EndpointMade, EndpointRead } from "~/client";
import { Field, FormTrouble, Submit } from "~/parts/form";
import { Met } from "~/parts/Met";
import {
  ENDPOINT_FIELDS,
  type EndpointTyped,
  endpointBody,
  endpointShape,
  typedEndpoint,
} from "./endpoint";
import { placeWithin, useKept } from "./form";
import { LabelsField } from "./LabelsField";
import { endpointOf, useAddEndpoint, useUpdateEndpoint } from "./queries";
import { Several } from "./Several";
import { type Tagged, useMeeting } from "./useMeeting";
import { EVENTS } from "./words";

type Props = {
  /** The one to be changed; none for a new one. */
  endpoint?: Tagged<EndpointRead>;
  onMade?: (made: EndpointMade) => void;
  onSaved?: () => void;
};

export function EndpointForm({ endpoint, onMade, onSaved }: Props) {
  const add = useAddEndpoint();
  const update = useUpdateEndpoint();
  const meeting = useMeeting({
    one: endpoint,
    read: endpointOf,
    typedOf: typedEndpoint,
  });
  const [placed, setPlaced] = useState(false);
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const form = useForm<EndpointTyped>({
    resolver: zodResolver(endpointShape),
    defaultValues: typedEndpoint(endpoint),
  });
  useKept(form.formState.isDirty);
  const onError = (error: unknown) => {
    if (meeting.met(error, update.reset)) return;
    setPlaced(placeWithin(form, error, ENDPOINT_FIELDS));
    setKey(crypto.randomUUID());
  };
  const submit = form.handleSubmit((typed) => {
    const body = endpointBody(typed);
    if (endpoint) {
      const { headers } = meeting;
      update.mutate(
        { path: { id: endpoint.id }, body, headers },
        { onSuccess: onSaved, onError },
      );
    } else {
      const headers = { "idempotency-key": idempotencyKey };
      add.mutate({ body, headers }, { onSuccess: onMade, onError });
    }
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
          what="the endpoint"
          onTakeTheirs={() => {
            form.reset(typedEndpoint(meeting.base));
            meeting.end();
          }}
        />
      ) : null}
      <FormTrouble error={add.error ?? meeting.error ?? update.error} placed={placed} />
      <Field
        form={form}
        name="name"
        label="Name"
        helperText="What you call it, such as Ticket system."
      />
      <Field
        form={form}
        name="url"
        label="URL"
        helperText="https on port 443 or 8443, of a host that everybody can reach."
        slotProps={{ htmlInput: { spellCheck: false } }}
      />
      <Several form={form} name="events" label="Events" choices={EVENTS} />
      <LabelsField form={form} name="label_scope" />
      <div>
        <Submit busy={add.isPending || update.isPending}>
          {endpoint ? "Save the endpoint" : "Add the endpoint"}
        </Submit>
      </div>
    </Stack>
  );
}

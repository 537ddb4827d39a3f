import { zodResolver } from "@hookform/resolvers/zod";
import Alert from "@mui/material/Alert";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { InvitationMade, Role } from "~/client";
import { FormDialog } from "~/parts/FormDialog";
import { Field, FormTrouble } from "~/parts/form";
import { placeAs } from "~/parts/placeAs";
import { AccessFields } from "./AccessFields";
import { type Access, accessShape, invitationOf, NEWCOMER } from "./access";
import { useInvite } from "./queries";

type Props = {
  own: Role;
  known: ReadonlyMap<string, readonly string[]>;
  /** How many places are left, in words; empty where there is no limit. */
  places: string;
  onInvited: (made: InvitationMade) => void;
  onClose: () => void;
};

const NAMES = {
  email: "email",
  role: "role",
  label_scope: "lines",
  member_expires_at: "until",
} as const;

export function InviteDialog({ own, known, places, onInvited, onClose }: Props) {
  const invite = useInvite();
  const [placed, setPlaced] = useState(false);
  const form = useForm<Access>({
    resolver: zodResolver(accessShape),
    defaultValues: NEWCOMER,
  });
  const submit = form.handleSubmit((typed) =>
    invite.mutate(
      { body: invitationOf(typed) },
      {
        onSuccess: onInvited,
        onError: (error) => setPlaced(placeAs(form, error, NAMES)),
      },
    ),
  );
  return (
    <FormDialog
      title="Invite somebody"
      submit="Send the invitation"
      busy={invite.isPending}
      onSubmit={(event) => void submit(event)}
      onClose={onClose}
    >
      <FormTrouble error={invite.error} placed={placed} />
      {places ? (
        <Alert severity="info" variant="outlined" sx={{ "&&": { mb: 0.5 } }}>
          {places}
        </Alert>
      ) : null}
      <Field
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="off"
        helperText="The link in the mail works for a week, for this address alone."
        autoFocus
      />
      <AccessFields form={form} own={own} known={known} />
    </FormDialog>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import type { Offer } from "~/client";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { ZoneField } from "~/parts/ZoneField";
import { HERE } from "~/parts/zones";
import { newPassword, present } from "./fields";
import { PasswordField } from "./PasswordField";
import { useAcceptInvitation } from "./queries";

type Props = { token: string; offer: Offer; onDone: () => void };

/** Accepting asks for a name and a password where the address has no account yet. */
export function InvitationForm({ token, offer, onDone }: Props) {
  const accept = useAcceptInvitation();
  const [placed, setPlaced] = useState(false);
  const [asksForZone, setAsksForZone] = useState(false);
  const asks = new Set(offer.asks_for);
  const shape = z.object({
    name: asks.has("name") ? present("your name") : z.string(),
    password: asks.has("password") ? newPassword() : z.string(),
    timezone: z.string(),
  });
  const form = useForm({
    resolver: zodResolver(shape),
    defaultValues: { name: "", password: "", timezone: HERE ?? "" },
  });
  const submit = form.handleSubmit(({ name, password, timezone }) => {
    const body = {
      token,
      ...(asks.has("name") ? { name, timezone: timezone || null } : {}),
      ...(asks.has("password") ? { password } : {}),
    };
    accept.mutate(
      { body },
      {
        onSuccess: onDone,
        onError: (error) => {
          setPlaced(placeErrors(form, error, ["name", "password", "timezone"]));
          // The browser's is not one that the server knows.
          if (form.getFieldState("timezone").invalid) setAsksForZone(true);
        },
      },
    );
  });
  return (
    <Stack component="form" noValidate onSubmit={submit} spacing={1}>
      <FormTrouble error={accept.error} placed={placed} />
      {asks.has("name") ? (
        <Field form={form} name="name" label="Your name" autoComplete="name" autoFocus />
      ) : null}
      {asks.has("password") ? (
        <PasswordField
          form={form}
          name="password"
          label="Password"
          autoComplete="new-password"
          helperText="At least 12 characters; a sentence is a good password."
        />
      ) : null}
      {asksForZone ? <ZoneField form={form} name="timezone" /> : null}
      <Submit busy={accept.isPending} fullWidth>
        Accept the invitation
      </Submit>
    </Stack>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { ZoneField } from "~/parts/ZoneField";
import { HERE } from "~/parts/zones";
import { email, newPassword, present } from "./fields";
import { PasswordField } from "./PasswordField";
import { useRegister } from "./queries";

const shape = z.object({
  name: present("your name"),
  organization_name: present("a name for your organization"),
  email,
  password: newPassword(),
  timezone: z.string(),
});
type Values = z.infer<typeof shape>;
const FIELDS = ["name", "organization_name", "email", "password", "timezone"] as const;
const EMPTY = { name: "", organization_name: "", email: "", password: "" };

export function SignUpForm({ onDone }: { onDone: () => void }) {
  const register = useRegister();
  const [placed, setPlaced] = useState(false);
  const [asksForZone, setAsksForZone] = useState(false);
  const form = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: { ...EMPTY, timezone: HERE ?? "" },
  });
  const submit = form.handleSubmit(({ timezone, ...typed }) => {
    register.mutate(
      { body: { ...typed, timezone: timezone || null } },
      {
        onSuccess: onDone,
        onError: (error) => {
          setPlaced(placeErrors(form, error, FIELDS));
          // The browser's is not one that the server knows.
          if (form.getFieldState("timezone").invalid) setAsksForZone(true);
        },
      },
    );
  });
  return (
    <Stack component="form" noValidate onSubmit={submit} spacing={1}>
      <FormTrouble error={register.error} placed={placed} />
      <Field form={form} name="name" label="Your name" autoComplete="name" autoFocus />
      <Field
        form={form}
        name="organization_name"
        label="Organization"
        autoComplete="organization"
        helperText="The company or team whose AWS accounts these are."
      />
      <Field
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
      />
      <PasswordField
        form={form}
        name="password"
        label="Password"
        autoComplete="new-password"
        helperText="At least 12 characters; a sentence is a good password."
      />
      {asksForZone ? <ZoneField form={form} name="timezone" /> : null}
      <Submit busy={register.isPending} fullWidth>
        Sign up
      </Submit>
    </Stack>
  );
}

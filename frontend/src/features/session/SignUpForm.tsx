import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { email, newPassword, present } from "./fields";
import { PasswordField } from "./PasswordField";
import { useRegister } from "./queries";

const shape = z.object({
  name: present("your name"),
  organization_name: present("a name for your organization"),
  email,
  password: newPassword(),
});
type Values = z.infer<typeof shape>;
const FIELDS = ["name", "organization_name", "email", "password"] as const;

export function SignUpForm({ onDone }: { onDone: () => void }) {
  const register = useRegister();
  const [placed, setPlaced] = useState(false);
  const form = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: { name: "", organization_name: "", email: "", password: "" },
  });
  const submit = form.handleSubmit((body) => {
    register.mutate(
      { body },
      {
        onSuccess: onDone,
        onError: (error) => setPlaced(placeErrors(form, error, FIELDS)),
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
      <Submit busy={register.isPending} fullWidth>
        Sign up
      </Submit>
    </Stack>
  );
}

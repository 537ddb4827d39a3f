import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { Field, FormTrouble, placeErrors, Submit, Told } from "~/parts/form";
import { email } from "./fields";
import { useForgotPassword } from "./queries";

const shape = z.object({ email });

export function ForgotPasswordForm() {
  const forget = useForgotPassword();
  const [placed, setPlaced] = useState(false);
  const form = useForm({ resolver: zodResolver(shape), defaultValues: { email: "" } });
  const submit = form.handleSubmit((body) => {
    forget.mutate(
      { body },
      { onError: (error) => setPlaced(placeErrors(form, error, ["email"])) },
    );
  });
  if (forget.isSuccess) {
    return (
      <Told>
        If {form.getValues("email")} has an account, a link is on its way. It works for
        half an hour, and only the newest one does.
      </Told>
    );
  }
  return (
    <Stack component="form" noValidate onSubmit={submit} spacing={1}>
      <FormTrouble error={forget.error} placed={placed} />
      <Field
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        autoFocus
      />
      <Submit busy={forget.isPending} fullWidth>
        Send me a link
      </Submit>
    </Stack>
  );
}

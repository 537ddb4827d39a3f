import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { FormTrouble, placeErrors, Submit } from "~/parts/form";
import { newPassword } from "./fields";
import { PasswordField } from "./PasswordField";
import { useResetPassword } from "./queries";

const shape = z.object({ password: newPassword(8) });

/** With the token of a mailed link. */
export function NewPasswordForm({
  token,
  onDone,
}: {
  token: string;
  onDone: () => void;
}) {
  const reset = useResetPassword();
  const [placed, setPlaced] = useState(false);
  const form = useForm({ resolver: zodResolver(shape), defaultValues: { password: "" } });
  const submit = form.handleSubmit(({ password }) => {
    reset.mutate(
      { body: { token, password } },
      {
        onSuccess: onDone,
        onError: (error) => setPlaced(placeErrors(form, error, ["password"])),
      },
    );
  });
  return (
    <Stack component="form" noValidate onSubmit={submit} spacing={1}>
      <FormTrouble error={reset.error} placed={placed} />
      <PasswordField
        form={form}
        name="password"
        label="New password"
        autoComplete="new-password"
        helperText="At least 12 characters; 8 if you have a second factor."
      />
      <Submit busy={reset.isPending} fullWidth>
        Set the password
      </Submit>
    </Stack>
  );
}

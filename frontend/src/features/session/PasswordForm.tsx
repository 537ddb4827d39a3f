import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { FormTrouble, placeErrors, Submit, Told } from "~/parts/form";
import { anyPassword, newPassword } from "./fields";
import { PasswordField } from "./PasswordField";
import { useMe } from "./queries";
import { useChangePassword } from "./security";

const WITH_MFA = 8;
const ALONE = 12;
const FIELDS = ["current_password", "new_password"] as const;

/** A new password; all other sessions end. */
export function PasswordForm() {
  const { mfa_enabled } = useMe();
  const least = mfa_enabled ? WITH_MFA : ALONE;
  const change = useChangePassword();
  const [placed, setPlaced] = useState(false);
  const form = useForm({
    resolver: zodResolver(
      z.object({ current_password: anyPassword, new_password: newPassword(least) }),
    ),
    defaultValues: { current_password: "", new_password: "" },
  });
  const submit = form.handleSubmit((body) =>
    change.mutate(
      { body },
      {
        onSuccess: () => form.reset(),
        onError: (error) => setPlaced(placeErrors(form, error, FIELDS)),
      },
    ),
  );
  return (
    <Stack
      component="form"
      noValidate
      onSubmit={submit}
      spacing={1}
      sx={{ maxWidth: 380 }}
    >
      <FormTrouble error={change.error} placed={placed} />
      {change.isSuccess ? (
        <Told>Your password is changed, and all your other sessions have ended.</Told>
      ) : null}
      <PasswordField
        form={form}
        name="current_password"
        label="Present password"
        autoComplete="current-password"
      />
      <PasswordField
        form={form}
        name="new_password"
        label="New password"
        autoComplete="new-password"
        helperText={`At least ${least} characters. All your other sessions end.`}
      />
      <div>
        <Submit busy={change.isPending}>Change the password</Submit>
      </div>
    </Stack>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { troubleOf } from "~/api/problem";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { anyPassword, email } from "./fields";
import { PasswordField } from "./PasswordField";
import { useSignIn } from "./queries";

const shape = z.object({ email, password: anyPassword, code: z.string().trim() });
type Values = z.infer<typeof shape>;
const FIELDS = ["email", "password", "code"] as const;

type Props = { address?: string; onDone: () => void };

/** Password, and beside it a code where the server asks for one. */
export function SignInForm({ address = "", onDone }: Props) {
  const signIn = useSignIn();
  const [placed, setPlaced] = useState(false);
  const [asksForCode, setAsksForCode] = useState(false);
  const form = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: { email: address, password: "", code: "" },
  });
  const submit = form.handleSubmit(({ code, ...typed }) => {
    signIn.mutate(
      { body: { ...typed, ...(asksForCode ? { code } : {}) } },
      {
        onSuccess: onDone,
        onError: (error) => {
          const trouble = troubleOf(error);
          if (trouble.code === "mfa-required") setAsksForCode(true);
          if (trouble.code === "wrong-code") {
            form.setError("code", { message: trouble.detail }, { shouldFocus: true });
          }
          const isAboutCode =
            trouble.code === "mfa-required" || trouble.code === "wrong-code";
          setPlaced(isAboutCode || placeErrors(form, error, FIELDS));
        },
      },
    );
  });
  return (
    <Stack component="form" noValidate onSubmit={submit} spacing={1}>
      <FormTrouble error={signIn.error} placed={placed} />
      <Field
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        autoFocus={!address}
      />
      <PasswordField
        form={form}
        name="password"
        label="Password"
        autoComplete="current-password"
      />
      {asksForCode ? (
        <Field
          form={form}
          name="code"
          label="Code"
          autoComplete="one-time-code"
          helperText="Of your authenticator app, or one of your recovery codes."
          autoFocus
        />
      ) : null}
      <Submit busy={signIn.isPending} fullWidth>
        Sign in
      </Submit>
    </Stack>
  );
}

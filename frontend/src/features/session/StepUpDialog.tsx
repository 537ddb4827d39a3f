import { zodResolver } from "@hookform/resolvers/zod";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { byField, troubleOf } from "~/api/problem";
import { answerProof } from "~/api/proof";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { anyPassword } from "./fields";
import { PasswordField } from "./PasswordField";
import { useMe, useStepUp } from "./queries";

const WITH_PASSWORD = z.object({ password: anyPassword, code: z.string() });
const WITH_CODE = z.object({
  password: z.string(),
  code: z.string().trim().min(6, "Write the six digits, or a recovery code."),
});
const FIELDS = ["password", "code"] as const;

/** Asks once more who one is; the act that needs it is then done by itself. */
export function StepUpDialog() {
  const me = useMe();
  const stepUp = useStepUp();
  const [placed, setPlaced] = useState(false);
  const [asksForCode, setAsksForCode] = useState(me.mfa_enabled);
  const form = useForm({
    resolver: zodResolver(asksForCode ? WITH_CODE : WITH_PASSWORD),
    defaultValues: { password: "", code: "" },
  });
  const submit = form.handleSubmit(({ password, code }) =>
    stepUp.mutate(
      { body: asksForCode ? { code } : { password } },
      {
        onSuccess: () => answerProof(true),
        onError: (error) => {
          const wrong = byField(troubleOf(error));
          // A second factor may have been set up or turned off elsewhere.
          if (wrong.has("code")) setAsksForCode(true);
          else if (wrong.has("password")) setAsksForCode(false);
          setPlaced(placeErrors(form, error, FIELDS));
        },
      },
    ),
  );
  return (
    <Dialog
      open
      maxWidth="xs"
      fullWidth
      aria-labelledby="step-up-title"
      onClose={() => answerProof(false)}
    >
      <form noValidate onSubmit={submit}>
        <DialogTitle id="step-up-title">Is it still you?</DialogTitle>
        <DialogContent>
          <DialogContentText sx={{ mb: 2 }}>
            This asks for a fresh proof of who you are. What you began is then done by
            itself.
          </DialogContentText>
          <FormTrouble error={stepUp.error} placed={placed} />
          {asksForCode ? (
            <Field
              form={form}
              name="code"
              label="Code"
              autoComplete="one-time-code"
              helperText="Of your authenticator app, or one of your recovery codes."
              autoFocus
              sx={{ mt: 1 }}
            />
          ) : (
            <PasswordField
              form={form}
              name="password"
              label="Your password"
              autoComplete="current-password"
              autoFocus
            />
          )}
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={() => answerProof(false)}>
            Cancel
          </Button>
          <Submit busy={stepUp.isPending}>Go on</Submit>
        </DialogActions>
      </form>
    </Dialog>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Stack from "@mui/material/Stack";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import type { AuthenticatorEnrolment } from "~/client";
import { CopyBlock } from "~/parts/Copy";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { useConfirm } from "./security";

const shape = z.object({
  code: z
    .string()
    .trim()
    .regex(/^\d{3} ?\d{3}$/, "Write the six digits that the app shows."),
});

type Props = {
  enrolment: AuthenticatorEnrolment;
  onConfirmed: (codes: readonly string[]) => void;
};

/** The secret for the app, and the first code back from it. */
export function Enrolment({ enrolment, onConfirmed }: Props) {
  const confirm = useConfirm();
  const [placed, setPlaced] = useState(false);
  const form = useForm({ resolver: zodResolver(shape), defaultValues: { code: "" } });
  const submit = form.handleSubmit((body) =>
    confirm.mutate(
      { body },
      {
        onSuccess: ({ recovery_codes }) => onConfirmed(recovery_codes),
        onError: (error) => setPlaced(placeErrors(form, error, ["code"])),
      },
    ),
  );
  return (
    <Box component="ol" sx={{ m: 0, pl: 2.5, display: "grid", gap: 2, maxWidth: 480 }}>
      <li>
        <Box sx={{ mb: 1 }}>
          Scan this with your authenticator app. If the app is on this device,{" "}
          <Link href={enrolment.uri}>open it there</Link>.
        </Box>
        <QRCodeSVG
          value={enrolment.uri}
          title="The secret for your authenticator app"
          size={184}
          marginSize={4}
        />
        <Box sx={{ my: 1 }}>
          Or write the secret there, as a code that changes with the time.
        </Box>
        <CopyBlock text={enrolment.secret} what="secret" />
      </li>
      <li>
        <Stack component="form" noValidate onSubmit={submit} spacing={1}>
          <span>Write the code that the app shows now. Nothing changes before.</span>
          <FormTrouble error={confirm.error} placed={placed} />
          <Field
            form={form}
            name="code"
            label="Code"
            autoComplete="one-time-code"
            slotProps={{ htmlInput: { inputMode: "numeric" } }}
            sx={{ maxWidth: 200 }}
          />
          <div>
            <Submit busy={confirm.isPending}>Turn it on</Submit>
          </div>
        </Stack>
      </li>
    </Box>
  );
}

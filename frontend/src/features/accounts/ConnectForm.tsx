import { zodResolver } from "@hookform/resolvers/zod";
import Alert from "@mui/material/Alert";
import Stack from "@mui/material/Stack";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import type { CredentialsRead } from "~/client";
import { DraftTold } from "~/parts/DraftTold";
import { useDraft } from "~/parts/draft";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { LeaveGuard } from "~/parts/LeaveGuard";
import { arnIn, bodyOf, type Connection, shape } from "./connection";
import { useConnect } from "./queries";

const FIELDS = ["name", "role_arn", "access_key_id", "secret_access_key"] as const;
// Of a key nothing is kept that could be read in the browser.
const SECRET = ["access_key_id", "secret_access_key"] as const;

export function ConnectForm({ onDone }: { onDone: (made: CredentialsRead) => void }) {
  const connect = useConnect();
  const [placed, setPlaced] = useState(false);
  const form = useForm<Connection>({
    resolver: zodResolver(shape),
    defaultValues: {
      kind: "role",
      name: "",
      role_arn: "",
      access_key_id: "",
      secret_access_key: "",
    },
  });
  const draft = useDraft(form, "connect", SECRET);
  const kind = useWatch({ control: form.control, name: "kind" });
  const submit = form.handleSubmit((typed) => {
    connect.mutate(
      { body: bodyOf(typed) },
      {
        onSuccess: (made) => {
          draft.drop();
          onDone(made);
        },
        onError: (error) => setPlaced(placeErrors(form, error, FIELDS)),
      },
    );
  });
  return (
    <Stack
      component="form"
      noValidate
      onSubmit={submit}
      spacing={1.5}
      sx={{ maxWidth: 560 }}
    >
      <LeaveGuard isTouched={form.formState.isDirty} onDiscard={draft.drop} />
      <DraftTold
        isBack={draft.isBack}
        onDiscard={() => {
          form.reset();
          draft.drop();
        }}
      />
      <FormTrouble error={connect.error} placed={placed} />
      <ToggleButtonGroup
        exclusive
        size="small"
        value={kind}
        aria-label="By what we come in"
        onChange={(_, next: Connection["kind"] | null) => {
          if (next) form.setValue("kind", next);
        }}
      >
        <ToggleButton value="role">Role (recommended)</ToggleButton>
        <ToggleButton value="access_key">Access key</ToggleButton>
      </ToggleButtonGroup>
      <Field
        form={form}
        name="name"
        label="Name"
        helperText="What you call this account, such as Production."
      />
      {kind === "role" ? (
        <Field
          form={form}
          name="role_arn"
          label="ARN of the role"
          helperText="The account is read out of it."
          slotProps={{
            htmlInput: {
              spellCheck: false,
              onPaste: (event: React.ClipboardEvent) => {
                event.preventDefault();
                const pasted = arnIn(event.clipboardData.getData("text"));
                form.setValue("role_arn", pasted, { shouldDirty: true });
              },
            },
          }}
        />
      ) : (
        <>
          <Alert severity="warning" variant="outlined">
            A key lives until somebody deletes it. A role is safer: nothing can be stolen
            from it.
          </Alert>
          <Field
            form={form}
            name="access_key_id"
            label="Access key id"
            autoComplete="off"
          />
          <Field
            form={form}
            name="secret_access_key"
            label="Secret access key"
            type="password"
            autoComplete="off"
            helperText="Stored encrypted under a key of its own; nobody can read it again."
          />
        </>
      )}
      <div>
        <Submit busy={connect.isPending}>Connect and verify</Submit>
      </div>
    </Stack>
  );
}

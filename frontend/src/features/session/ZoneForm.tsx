import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { FormTrouble, placeErrors, Submit, Told } from "~/parts/form";
import { ZoneField } from "~/parts/ZoneField";
import { HERE } from "~/parts/zones";
import { useChangeOneself, useMe } from "./queries";

/** Where one lives; nothing is chosen until one says so. */
export function ZoneForm() {
  const { user } = useMe();
  const change = useChangeOneself();
  const [placed, setPlaced] = useState(false);
  const form = useForm({
    values: { timezone: user.timezone ?? "" },
    resetOptions: { keepDirtyValues: true },
  });
  const submit = form.handleSubmit(({ timezone }) =>
    change.mutate(
      { body: { timezone: timezone || null } },
      {
        onSuccess: (saved) => form.reset({ timezone: saved.timezone ?? "" }),
        onError: (error) => setPlaced(placeErrors(form, error, ["timezone"])),
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
      {change.isSuccess && !form.formState.isDirty ? <Told>It is saved.</Told> : null}
      <ZoneField
        form={form}
        name="timezone"
        helperText={`Of digests and quiet hours that you set up.${HERE ? ` Your browser says ${HERE}.` : ""}`}
      />
      <div>
        <Submit busy={change.isPending}>Save the time zone</Submit>
      </div>
    </Stack>
  );
}

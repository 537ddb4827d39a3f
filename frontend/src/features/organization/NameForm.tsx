import { zodResolver } from "@hookform/resolvers/zod";
import Stack from "@mui/material/Stack";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import type { OrganizationRead } from "~/client";
import { Field, FormTrouble, placeErrors, Submit, Told } from "~/parts/form";
import { useUpdate } from "./queries";

const shape = z.object({
  name: z.string().trim().min(1, "Write a name.").max(200, "At most 200 characters."),
});

type Props = { organization: OrganizationRead; may: boolean };

export function NameForm({ organization, may }: Props) {
  const update = useUpdate();
  const [placed, setPlaced] = useState(false);
  const form = useForm({
    resolver: zodResolver(shape),
    values: { name: organization.name },
    resetOptions: { keepDirtyValues: true },
  });
  const submit = form.handleSubmit((body) =>
    update.mutate(
      { body },
      {
        onSuccess: ({ name }) => form.reset({ name }),
        onError: (error) => setPlaced(placeErrors(form, error, ["name"])),
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
      <FormTrouble error={update.error} placed={placed} />
      {update.isSuccess && !form.formState.isDirty ? <Told>It is renamed.</Told> : null}
      <Field
        form={form}
        name="name"
        label="Name"
        disabled={!may}
        helperText={may ? " " : "Only an owner may rename the organization."}
      />
      {may ? (
        <div>
          <Submit busy={update.isPending}>Rename</Submit>
        </div>
      ) : null}
    </Stack>
  );
}

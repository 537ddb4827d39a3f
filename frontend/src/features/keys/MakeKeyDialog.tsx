import { zodResolver } from "@hookform/resolvers/zod";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import type { Permission } from "~/client";
import { FormDialog } from "~/parts/FormDialog";
import { Field, FormTrouble } from "~/parts/form";
import { LabelLimit } from "~/parts/LabelLimit";
import { placeAs } from "~/parts/placeAs";
import { EMPTY_KEY, keyOf, keyShape, LIFETIMES, type NewKey } from "./newKey";
import { useMakeKey } from "./queries";
import { ScopeFields } from "./ScopeFields";

type Props = {
  own: readonly Permission[];
  known: ReadonlyMap<string, readonly string[]>;
  onMade: (key: string | null, name: string) => void;
  onClose: () => void;
};

const KINDS = {
  personal: "Yours: it ends with your membership.",
  service: "The organization's: it stays when you leave.",
} as const;
const NAMES = {
  name: "name",
  kind: "kind",
  scopes: "scopes",
  label_scope: "lines",
  allowed_addresses: "addresses",
  expires_at: "until",
} as const;

/** A key cannot be changed later, so all of it is said here. */
export function MakeKeyDialog({ own, known, onMade, onClose }: Props) {
  const make = useMakeKey();
  const [placed, setPlaced] = useState(false);
  const form = useForm<NewKey>({
    resolver: zodResolver(keyShape),
    defaultValues: EMPTY_KEY,
  });
  const lifetime = useWatch({ control: form.control, name: "lifetime" });
  const mayService = own.includes("service_keys.edit");
  const submit = form.handleSubmit((typed) =>
    make.mutate(
      { body: keyOf(typed) },
      {
        onSuccess: ({ key, name }) => onMade(key, name),
        onError: (error) => setPlaced(placeAs(form, error, NAMES)),
      },
    ),
  );
  return (
    <FormDialog
      title="A new API key"
      submit="Make the key"
      busy={make.isPending}
      onSubmit={(event) => void submit(event)}
      onClose={onClose}
    >
      <FormTrouble error={make.error} placed={placed} />
      <Field
        form={form}
        name="name"
        label="Name"
        helperText="What uses it, such as “nightly report”."
        autoFocus
      />
      <Controller
        control={form.control}
        name="kind"
        render={({ field, fieldState }) => (
          <TextField
            {...field}
            id="field-kind"
            select
            label="Kind"
            error={Boolean(fieldState.error)}
            helperText={
              fieldState.error?.message ??
              (mayService
                ? KINDS[field.value]
                : `${KINDS.personal} Only an admin makes service keys.`)
            }
          >
            <MenuItem value="personal">Personal key</MenuItem>
            <MenuItem value="service" disabled={!mayService}>
              Service key
            </MenuItem>
          </TextField>
        )}
      />
      <Controller
        control={form.control}
        name="scopes"
        render={({ field, fieldState }) => (
          <ScopeFields
            own={own}
            chosen={field.value}
            onChange={field.onChange}
            error={fieldState.error?.message}
          />
        )}
      />
      <Controller
        control={form.control}
        name="lines"
        render={({ field, fieldState }) => (
          <LabelLimit
            lines={field.value}
            onChange={field.onChange}
            known={known}
            error={fieldState.error?.message}
          />
        )}
      />
      <Field
        form={form}
        name="addresses"
        label="Good only from these addresses"
        helperText="Addresses or networks such as 192.0.2.0/24, one a line. Empty: from everywhere."
        multiline
        minRows={2}
        sx={{ mt: 1 }}
      />
      <Controller
        control={form.control}
        name="lifetime"
        render={({ field }) => (
          <TextField
            {...field}
            id="field-lifetime"
            select
            label="Good for"
            helperText={
              field.value === "never"
                ? "We suggest a year at most: a forgotten key stays good."
                : " "
            }
          >
            {Object.entries(LIFETIMES).map(([value, label]) => (
              <MenuItem key={value} value={value}>
                {label}
              </MenuItem>
            ))}
          </TextField>
        )}
      />
      {lifetime === "day" ? (
        <Field
          form={form}
          name="until"
          label="Last day"
          type="date"
          slotProps={{ inputLabel: { shrink: true } }}
        />
      ) : null}
    </FormDialog>
  );
}

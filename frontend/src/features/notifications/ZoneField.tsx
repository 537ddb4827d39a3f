import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import {
  Controller,
  type FieldPathByValue,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPathByValue<T, string>;
};

const ZONES = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC"),
];

export function ZoneField<T extends FieldValues>({ form, name }: Props<T>) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <Autocomplete
          options={ZONES}
          value={field.value}
          disableClearable
          onBlur={field.onBlur}
          onChange={(_, zone) => field.onChange(zone)}
          renderInput={(props) => (
            <TextField
              {...props}
              label="Time zone"
              error={Boolean(fieldState.error)}
              helperText={fieldState.error?.message ?? " "}
            />
          )}
        />
      )}
    />
  );
}

import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import {
  Controller,
  type FieldPathByValue,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";
import { withZone } from "./zones";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPathByValue<T, string>;
  helperText?: string;
};

/** A time zone; the empty text is none. */
export function ZoneField<T extends FieldValues>({
  form,
  name,
  helperText = " ",
}: Props<T>) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <Autocomplete
          options={withZone(field.value)}
          value={field.value || null}
          onBlur={field.onBlur}
          onChange={(_, zone) => field.onChange(zone ?? "")}
          renderInput={(props) => (
            <TextField
              {...props}
              label="Time zone"
              error={Boolean(fieldState.error)}
              helperText={fieldState.error?.message ?? helperText}
            />
          )}
        />
      )}
    />
  );
}

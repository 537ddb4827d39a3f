import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import {
  Controller,
  type FieldPath,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";
import type { Choice } from "./words";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPath<T>;
  label: string;
  choices: readonly Choice[];
  helperText?: string;
  disabled?: boolean;
};

/** One of few. */
export function Pick<T extends FieldValues>({
  form,
  name,
  label,
  choices,
  helperText = " ",
  disabled = false,
}: Props<T>) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <TextField
          {...field}
          id={`field-${name}`}
          select
          label={label}
          disabled={disabled}
          error={Boolean(fieldState.error)}
          helperText={fieldState.error?.message ?? helperText}
        >
          {choices.map(({ id, label: said }) => (
            <MenuItem key={id} value={id}>
              {said}
            </MenuItem>
          ))}
        </TextField>
      )}
    />
  );
}

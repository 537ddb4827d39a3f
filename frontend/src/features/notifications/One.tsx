import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import {
  Controller,
  type FieldPathByValue,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";
import type { Choice } from "./words";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPathByValue<T, string>;
  label: string;
  /** Undefined while they are on their way. */
  choices: readonly Choice[] | undefined;
};

/** One of many, found by typing. */
export function One<T extends FieldValues>({ form, name, label, choices }: Props<T>) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <Autocomplete
          options={[...(choices ?? [])]}
          loading={!choices}
          value={choices?.find(({ id }) => id === field.value) ?? null}
          getOptionLabel={(one) => one.label}
          getOptionKey={(one) => one.id}
          onBlur={field.onBlur}
          onChange={(_, chosen) => field.onChange(chosen?.id ?? "")}
          renderInput={(props) => (
            <TextField
              {...props}
              inputRef={field.ref}
              label={label}
              error={Boolean(fieldState.error)}
              helperText={fieldState.error?.message ?? " "}
            />
          )}
        />
      )}
    />
  );
}

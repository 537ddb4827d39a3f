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
  name: FieldPathByValue<T, string[]>;
  label: string;
  helperText?: string;
  /** Undefined while they are on their way. */
  choices: readonly Choice[] | undefined;
};

/** Several of many, found by typing. */
export function Several<T extends FieldValues>({
  form,
  name,
  label,
  helperText = " ",
  choices = [],
}: Props<T>) {
  const byId = new Map(choices.map((one) => [one.id, one]));
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <Autocomplete
          multiple
          disableCloseOnSelect
          options={[...choices]}
          value={(field.value as string[]).map(
            (id) => byId.get(id) ?? { id, label: "…", group: "" },
          )}
          groupBy={choices[0]?.group ? (one) => one.group ?? "" : undefined}
          getOptionLabel={(one) => one.label}
          getOptionKey={(one) => one.id}
          isOptionEqualToValue={(a, b) => a.id === b.id}
          onBlur={field.onBlur}
          onChange={(_, chosen) => field.onChange(chosen.map(({ id }) => id))}
          renderInput={(props) => (
            <TextField
              {...props}
              inputRef={field.ref}
              label={label}
              error={Boolean(fieldState.error)}
              helperText={fieldState.error?.message ?? helperText}
            />
          )}
        />
      )}
    />
  );
}

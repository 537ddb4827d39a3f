import Autocomplete from "@mui/material/Autocomplete";
import TextField from "@mui/material/TextField";
import { Controller, type FieldPathByValue, type UseFormReturn } from "react-hook-form";
import type { Definition } from "./definition";

export type Choice = { id: string; label: string; group?: string };

type Props = {
  form: UseFormReturn<Definition>;
  name: FieldPathByValue<Definition, string[]>;
  label: string;
  helperText?: string;
  choices: readonly Choice[];
  loading: boolean;
  /** One that excludes all others. */
  alone?: string;
  /** Others than those that are offered may be typed. */
  isFree?: boolean;
};

const idOf = (one: Choice | string) => (typeof one === "string" ? one : one.id);

/** Several of many, found by typing. */
export function Choices({
  form,
  name,
  label,
  helperText = " ",
  choices,
  loading,
  alone,
  isFree = false,
}: Props) {
  const byId = new Map(choices.map((one) => [one.id, one]));
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <Autocomplete
          multiple
          freeSolo={isFree}
          disableCloseOnSelect
          loading={loading}
          options={[...choices]}
          value={field.value.map((id) => byId.get(id) ?? { id, label: id })}
          groupBy={choices[0]?.group ? (one) => one.group ?? "" : undefined}
          getOptionLabel={(one) => (typeof one === "string" ? one : one.label)}
          isOptionEqualToValue={(a, b) => a.id === idOf(b)}
          onBlur={field.onBlur}
          onChange={(_, chosen) => {
            const ids = chosen.map(idOf);
            const last = ids.at(-1);
            const kept =
              last === alone && last ? [last] : ids.filter((id) => id !== alone);
            field.onChange(kept);
          }}
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

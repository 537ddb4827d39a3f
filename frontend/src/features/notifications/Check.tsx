import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import {
  Controller,
  type FieldPathByValue,
  type FieldValues,
  type UseFormReturn,
} from "react-hook-form";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPathByValue<T, boolean>;
  label: string;
};

/** Yes or no. */
export function Check<T extends FieldValues>({ form, name, label }: Props<T>) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field }) => (
        <FormControlLabel
          sx={{ mb: 1.5 }}
          label={label}
          control={
            <Switch
              size="small"
              checked={Boolean(field.value)}
              onBlur={field.onBlur}
              onChange={(_, isOn) => field.onChange(isOn)}
            />
          }
        />
      )}
    />
  );
}

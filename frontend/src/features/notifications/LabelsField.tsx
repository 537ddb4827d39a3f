import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { Field } from "~/parts/form";

type Props<T extends FieldValues> = { form: UseFormReturn<T>; name: FieldPath<T> };

/** Of which accounts, by their labels. */
export function LabelsField<T extends FieldValues>({ form, name }: Props<T>) {
  return (
    <Field
      form={form}
      name={name}
      label="Only of accounts with these labels"
      multiline
      minRows={2}
      placeholder="stage: prod, test"
      slotProps={{ inputLabel: { shrink: true } }}
      helperText="One label a line, with one or more values. Empty: of all accounts."
    />
  );
}

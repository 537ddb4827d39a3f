// Forms: what is wrong stands beside its field, whoever found it.
import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import TextField, { type TextFieldProps } from "@mui/material/TextField";
import type { ReactNode } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { byField, troubleOf } from "~/api/problem";
import { TroubleAlert } from "./TroubleAlert";

type FieldProps<T extends FieldValues> = Omit<TextFieldProps, "form" | "name"> & {
  form: UseFormReturn<T>;
  name: FieldPath<T>;
};

/** A text field of a form, with its error under it. */
export function Field<T extends FieldValues>({
  form,
  name,
  helperText,
  ...rest
}: FieldProps<T>) {
  const wrong = form.getFieldState(name, form.formState).error;
  return (
    <TextField
      {...form.register(name)}
      id={`field-${name}`}
      error={Boolean(wrong)}
      helperText={wrong?.message ?? helperText ?? " "}
      {...rest}
    />
  );
}

/** Put what the server found wrong beside the fields that it names. False where nothing
 * of it is about a field of this form: then it is to be said above. */
export function placeErrors<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  fields: readonly FieldPath<T>[],
): boolean {
  const wrong = byField(troubleOf(error));
  let placed = 0;
  for (const field of fields) {
    const message = wrong.get(field);
    if (message) {
      form.setError(field, { type: "server", message }, { shouldFocus: placed === 0 });
      placed += 1;
    }
  }
  return placed > 0 && placed === wrong.size;
}

/** The server's answer to a form, unless all of it stands beside its fields. */
export function FormTrouble({ error, placed }: { error: unknown; placed: boolean }) {
  return error && !placed ? <TroubleAlert error={error} /> : null;
}

type SubmitProps = { busy: boolean; children: ReactNode; fullWidth?: boolean };

export function Submit({ busy, children, fullWidth = false }: SubmitProps) {
  return (
    <Button
      type="submit"
      variant="contained"
      fullWidth={fullWidth}
      disabled={busy}
      startIcon={busy ? <CircularProgress size={14} color="inherit" /> : undefined}
    >
      {children}
    </Button>
  );
}

export function Told({ children }: { children: ReactNode }) {
  return (
    <Alert severity="success" variant="outlined" role="status">
      {children}
    </Alert>
  );
}

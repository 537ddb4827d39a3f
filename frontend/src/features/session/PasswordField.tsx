import Visibility from "@mui/icons-material/Visibility";
import VisibilityOff from "@mui/icons-material/VisibilityOff";
import IconButton from "@mui/material/IconButton";
import InputAdornment from "@mui/material/InputAdornment";
import { useState } from "react";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { Field } from "~/parts/form";

type Props<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: FieldPath<T>;
  label: string;
  autoComplete: "current-password" | "new-password";
  helperText?: string;
  autoFocus?: boolean;
};

export function PasswordField<T extends FieldValues>(props: Props<T>) {
  const [shown, setShown] = useState(false);
  const name = shown ? "Hide the password" : "Show the password";
  return (
    <Field
      {...props}
      type={shown ? "text" : "password"}
      slotProps={{
        input: {
          endAdornment: (
            <InputAdornment position="end">
              <IconButton
                size="small"
                edge="end"
                aria-label={name}
                onClick={() => setShown(!shown)}
              >
                {shown ? (
                  <VisibilityOff fontSize="small" />
                ) : (
                  <Visibility fontSize="small" />
                )}
              </IconButton>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}

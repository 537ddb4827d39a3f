import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { Controller, type UseFormReturn, useWatch } from "react-hook-form";
import type { Role } from "~/client";
import { Field } from "~/parts/form";
import { LabelLimit } from "~/parts/LabelLimit";
import type { Access } from "./access";
import { ROLES, rolesToGive } from "./roles";

type Props = {
  form: UseFormReturn<Access>;
  /** Of who gives the access. */
  own: Role;
  known: ReadonlyMap<string, readonly string[]>;
};

/** The role, and what limits it: an owner has no limits. */
export function AccessFields({ form, own, known }: Props) {
  const role = useWatch({ control: form.control, name: "role" });
  return (
    <>
      <Controller
        control={form.control}
        name="role"
        render={({ field, fieldState }) => (
          <TextField
            {...field}
            id="field-role"
            select
            label="Role"
            error={Boolean(fieldState.error)}
            helperText={fieldState.error?.message ?? ROLES[field.value].may}
          >
            {rolesToGive(own).map((one) => (
              <MenuItem key={one} value={one}>
                {ROLES[one].label}
              </MenuItem>
            ))}
          </TextField>
        )}
      />
      {role === "owner" ? null : (
        <>
          <Controller
            control={form.control}
            name="lines"
            render={({ field, fieldState }) => (
              <LabelLimit
                lines={field.value}
                onChange={field.onChange}
                known={known}
                error={fieldState.error?.message}
              />
            )}
          />
          <Field
            form={form}
            name="until"
            label="Last day"
            type="date"
            helperText="Access ends with this day. Empty: it does not end."
            slotProps={{ inputLabel: { shrink: true } }}
            sx={{ maxWidth: 280, mt: 1 }}
          />
        </>
      )}
    </>
  );
}

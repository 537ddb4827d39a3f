import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useState } from "react";
import { Controller, type UseFormReturn, useWatch } from "react-hook-form";
import { Field } from "~/parts/form";
import { ZONES } from "~/parts/zones";
import { DAYS, type Definition, KINDS } from "./definition";

const NAMES: Record<(typeof KINDS)[number], string> = {
  on_demand: "Only by hand",
  daily: "Daily",
  weekly: "Weekly",
  monthly: "Monthly",
  once: "Once",
  cron: "Expression (cron, rate, at)",
};
const DAYS_OF_MONTH = [
  ...Array.from({ length: 31 }, (_, index) => String(index + 1)),
  "last",
];

/** When, in the words of its kind. */
export function ScheduleFields({ form }: { form: UseFormReturn<Definition> }) {
  const kind = useWatch({ control: form.control, name: "schedule.kind" });
  const has = (...kinds: string[]) => kinds.includes(kind);
  return (
    <Box sx={{ display: "grid", gap: 1.5, gridTemplateColumns: { sm: "1fr 1fr" } }}>
      <Controller
        control={form.control}
        name="schedule.kind"
        render={({ field }) => (
          <TextField
            {...field}
            id="field-schedule.kind"
            select
            label="Repeats"
            helperText=" "
          >
            {KINDS.map((one) => (
              <MenuItem key={one} value={one}>
                {NAMES[one]}
              </MenuItem>
            ))}
          </TextField>
        )}
      />
      {has("daily", "weekly", "monthly") ? (
        <Field form={form} name="schedule.time" label="Time" type="time" />
      ) : null}
      {has("once") ? (
        <Field
          form={form}
          name="schedule.at"
          label="At"
          type="datetime-local"
          slotProps={{ inputLabel: { shrink: true } }}
        />
      ) : null}
      {has("cron") ? (
        <Field
          form={form}
          name="schedule.expression"
          label="Expression"
          helperText="0 9 * * 1-5 · cron(0 9 * * ? *) · rate(1 hour)"
        />
      ) : null}
      {has("weekly") ? <DaysField form={form} /> : null}
      {has("monthly") ? (
        <Controller
          control={form.control}
          name="schedule.day"
          render={({ field }) => (
            <TextField
              {...field}
              id="field-schedule.day"
              select
              label="Day"
              helperText=" "
            >
              {DAYS_OF_MONTH.map((one) => (
                <MenuItem key={one} value={one}>
                  {one === "last" ? "the last" : one}
                </MenuItem>
              ))}
            </TextField>
          )}
        />
      ) : null}
      {kind === "on_demand" ? null : (
        <Controller
          control={form.control}
          name="schedule.timezone"
          render={({ field, fieldState }) => (
            <Autocomplete
              options={ZONES}
              value={field.value}
              disableClearable
              onChange={(_, zone) => field.onChange(zone)}
              renderInput={(props) => (
                <TextField
                  {...props}
                  label="Time zone"
                  error={Boolean(fieldState.error)}
                  helperText={fieldState.error?.message ?? " "}
                />
              )}
            />
          )}
        />
      )}
      {has("daily", "weekly", "monthly", "cron") ? <Bounds form={form} /> : null}
    </Box>
  );
}

/** Rarely wanted, so folded until something is typed there. */
function Bounds({ form }: { form: UseFormReturn<Definition> }) {
  const { starts_at, ends_at, jitter_seconds } = useWatch({
    control: form.control,
    name: "schedule",
  });
  const [isOpen, setOpen] = useState(false);
  const { schedule: wrong } = form.formState.errors;
  const isSet = Boolean(starts_at || ends_at) || jitter_seconds !== "0";
  const isWrong = Boolean(wrong?.starts_at ?? wrong?.ends_at ?? wrong?.jitter_seconds);
  if (!isOpen && !isSet && !isWrong) {
    return (
      <Box sx={{ gridColumn: "1 / -1" }}>
        <Button size="small" onClick={() => setOpen(true)}>
          With a start, an end or a spread
        </Button>
      </Box>
    );
  }
  return (
    <>
      <Field
        form={form}
        name="schedule.starts_at"
        label="Not before"
        type="datetime-local"
        slotProps={{ inputLabel: { shrink: true } }}
      />
      <Field
        form={form}
        name="schedule.ends_at"
        label="Not after"
        type="datetime-local"
        slotProps={{ inputLabel: { shrink: true } }}
      />
      <Field
        form={form}
        name="schedule.jitter_seconds"
        label="Spread, in seconds"
        helperText="Each run begins by up to so much later, so that not all begin at once."
        slotProps={{ htmlInput: { inputMode: "numeric" } }}
      />
    </>
  );
}

function DaysField({ form }: { form: UseFormReturn<Definition> }) {
  return (
    <Controller
      control={form.control}
      name="schedule.days"
      render={({ field, fieldState }) => (
        <Box>
          <ToggleButtonGroup
            size="small"
            value={field.value}
            aria-label="Days"
            onChange={(_, days: Definition["schedule"]["days"]) => field.onChange(days)}
          >
            {DAYS.map((day) => (
              <ToggleButton key={day} value={day} sx={{ px: 1 }}>
                {day}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <Box role="alert" sx={{ color: "error.main", fontSize: 12 }}>
            {fieldState.error?.message}
          </Box>
        </Box>
      )}
    />
  );
}

import Box from "@mui/material/Box";
import { type UseFormReturn, useWatch } from "react-hook-form";
import { Field } from "~/parts/form";
import { ZoneField } from "~/parts/ZoneField";
import { Check } from "./Check";
import { Pick } from "./Pick";
import { DAYS, type RuleTyped } from "./rule";
import { dayOf } from "./ruleWords";

type Props = { form: UseFormReturn<RuleTyped> };

const DIGESTS = [
  { id: "none", label: "Each by itself" },
  { id: "daily", label: "As one message a day" },
  { id: "weekly", label: "As one message a week" },
];
const GRID = {
  display: "grid",
  columnGap: 1.5,
  rowGap: 1,
  gridTemplateColumns: { sm: "1fr 1fr", lg: "1fr 1fr 1fr" },
};

/** When it is told, and when it is not. */
export function RuleTimes({ form }: Props) {
  return (
    <>
      <Box sx={GRID}>
        <Field
          form={form}
          name="after"
          label="At failure number"
          placeholder="each"
          slotProps={{
            inputLabel: { shrink: true },
            htmlInput: { inputMode: "numeric" },
          }}
          helperText="In a row, and at that one alone. Empty: at each."
        />
        <Field
          form={form}
          name="delay_seconds"
          label="Only if it still goes on after"
          placeholder="at once"
          slotProps={{ inputLabel: { shrink: true } }}
          helperText="Such as 15 min, 2 h or 1 d, and nobody acknowledged it."
        />
        <Field
          form={form}
          name="repeat_seconds"
          label="Told again every"
          placeholder="never"
          slotProps={{ inputLabel: { shrink: true } }}
          helperText="While it goes on and nobody acknowledged it."
        />
      </Box>
      <Check
        form={form}
        name="recovery"
        label="Tell the end to whom the beginning was told"
      />
      <DigestFields form={form} />
      <QuietFields form={form} />
    </>
  );
}

function DigestFields({ form }: Props) {
  const every = useWatch({ control: form.control, name: "digest.every" });
  return (
    <Box sx={GRID}>
      <Pick form={form} name="digest.every" label="Told" choices={DIGESTS} />
      {every === "none" ? null : (
        <>
          <Field form={form} name="digest.at" label="At" type="time" />
          {every === "weekly" ? (
            <Pick
              form={form}
              name="digest.day"
              label="On"
              choices={DAYS.map((id) => ({ id, label: dayOf(id) }))}
            />
          ) : null}
          <ZoneField form={form} name="digest.timezone" />
        </>
      )}
    </Box>
  );
}

function QuietFields({ form }: Props) {
  const isOn = useWatch({ control: form.control, name: "quiet_hours.on" });
  return (
    <>
      <Check
        form={form}
        name="quiet_hours.on"
        label="Quiet hours: what comes then is kept until they end"
      />
      {isOn ? (
        <Box sx={GRID}>
          <Field form={form} name="quiet_hours.begin" label="From" type="time" />
          <Field form={form} name="quiet_hours.until" label="Until" type="time" />
          <ZoneField form={form} name="quiet_hours.timezone" />
          <Check
            form={form}
            name="quiet_hours.critical_passes"
            label="What is critical passes"
          />
        </Box>
      ) : null}
    </>
  );
}

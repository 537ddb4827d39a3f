import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import {
  Controller,
  type FieldPathByValue,
  type UseFormReturn,
  useWatch,
} from "react-hook-form";
import { Field } from "~/parts/form";
import { Section } from "~/parts/Page";
import { AfterField } from "./AfterField";
import { type Choice, Choices } from "./Choices";
import { ADVANCED, blank, type Definition } from "./definition";

type Props = { form: UseFormReturn<Definition>; self: string | undefined };

const ERRORS: readonly Choice[] = [
  { id: "AWSConnectivityError", label: "AWS could not be reached" },
  { id: "AWSServiceError", label: "AWS answered with an error" },
  { id: "AWSServiceLimitError", label: "A limit of AWS was reached" },
  { id: "AWSAuthenticationError", label: "Signing in to AWS failed" },
  { id: "AWSPermissionError", label: "A permission is missing" },
  { id: "AWSConfigurationError", label: "A setting is wrong" },
];
const NUMBER = { htmlInput: { inputMode: "numeric" } } as const;

/** What most tasks leave as it is; open where it is not, or where something is wrong. */
export function AdvancedFields({ form, self }: Props) {
  const [isOpen, setOpen] = useState(false);
  const typed = useWatch({ control: form.control });
  const usual = blank("UTC");
  const unusual = ADVANCED.filter(
    (name) => JSON.stringify(typed[name]) !== JSON.stringify(usual[name]),
  ).length;
  const isWrong = ADVANCED.some((name) => form.formState.errors[name]);
  const isShown = isOpen || isWrong;
  return (
    <Section
      title="Errors, order and limits"
      aside={
        <Button
          size="small"
          aria-expanded={isShown}
          disabled={isWrong}
          onClick={() => setOpen(!isShown)}
        >
          {isShown ? "Fold" : "Unfold"}
        </Button>
      }
    >
      {isShown ? (
        <Fields form={form} self={self} />
      ) : (
        <Box sx={{ color: "text.secondary" }}>
          {unusual === 0
            ? "As usual: nothing is tried again, one run at a time, 15 minutes on each account."
            : `Not as usual: ${unusual} of ${ADVANCED.length} settings.`}
        </Box>
      )}
    </Section>
  );
}

function Fields({ form, self }: Props) {
  const retried = useWatch({ control: form.control, name: "retry_policy.categories" });
  return (
    <Box
      sx={{
        display: "grid",
        columnGap: 2,
        rowGap: 1,
        gridTemplateColumns: { sm: "1fr 1fr" },
        "& > .wide": { gridColumn: "1 / -1" },
      }}
    >
      <Box className="wide">
        <AfterField form={form} self={self} />
      </Box>
      <OneOf
        form={form}
        name="on_error"
        label="On an error"
        options={[
          ["isolate", "Finish the rest, then fail"],
          ["stop", "Stop at once"],
        ]}
      />
      <OneOf
        form={form}
        name="overlap"
        label="If the last run is not over"
        options={[
          ["skip", "Skip this one"],
          ["queue", "Wait for its end"],
        ]}
      />
      <Box className="wide">
        <Choices
          form={form}
          name="retry_policy.categories"
          label="Try again after these errors"
          choices={ERRORS}
          loading={false}
          helperText="Only if all its errors are of these kinds. None: it is never tried again."
        />
      </Box>
      {retried.length > 0 ? (
        <>
          <Field
            form={form}
            name="retry_policy.retries"
            label="How often at most"
            slotProps={NUMBER}
          />
          <Field
            form={form}
            name="retry_policy.delay_seconds"
            label="Seconds before the next try"
            slotProps={NUMBER}
          />
        </>
      ) : null}
      <Field
        form={form}
        name="timeout_seconds"
        label="Time limit on each account, in seconds"
        slotProps={NUMBER}
      />
      <Field
        form={form}
        name="misfire_grace_seconds"
        label="May begin late by, in seconds"
        helperText="A run that was missed by more is skipped, and that is recorded."
        slotProps={NUMBER}
      />
      <OneOf
        form={form}
        name="priority"
        label="Priority"
        options={[
          ["high", "High"],
          ["normal", "Normal"],
          ["low", "Low"],
        ]}
      />
    </Box>
  );
}

type ChoiceProps = {
  form: UseFormReturn<Definition>;
  name: FieldPathByValue<
    Definition,
    "isolate" | "stop" | "skip" | "queue" | "high" | "normal" | "low"
  >;
  label: string;
  options: readonly (readonly [string, string])[];
};

function OneOf({ form, name, label, options }: ChoiceProps) {
  return (
    <Controller
      control={form.control}
      name={name}
      render={({ field, fieldState }) => (
        <TextField
          {...field}
          id={`field-${name}`}
          select
          label={label}
          error={Boolean(fieldState.error)}
          helperText={fieldState.error?.message ?? " "}
        >
          {options.map(([value, words]) => (
            <MenuItem key={value} value={value}>
              {words}
            </MenuItem>
          ))}
        </TextField>
      )}
    />
  );
}

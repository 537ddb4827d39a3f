import { zodResolver } from "@hookform/resolvers/zod";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { RuleRead } from "~/client";
import { Field, FormTrouble, Submit } from "~/parts/form";
import { Met } from "~/parts/Met";
import { Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { placeWithin, useKept } from "./form";
import { Guarded } from "./Guarded";
import { Pick } from "./Pick";
import { ruleOf, useEditRule, useMakeRule, usePreviewRule } from "./queries";
import { RuleFilters } from "./RuleFilters";
import { RulePreview } from "./RulePreview";
import { RuleTimes } from "./RuleTimes";
import { RULE_FIELDS, type RuleTyped, ruleBody, ruleShape, typedRule } from "./rule";
import { Several } from "./Several";
import { type Tagged, useMeeting } from "./useMeeting";
import { type Choice, EVENTS } from "./words";

/** What a rule may name; undefined while it is on its way. */
export type RuleChoices = Record<
  "channels" | "categories" | "services" | "accounts" | "tasks",
  readonly Choice[] | undefined
>;

type Props = {
  /** The one to be changed; none for a new one. */
  rule?: Tagged<RuleRead>;
  choices: RuleChoices;
  /** Of times of day that are not set yet. */
  zone: string;
  may: boolean;
  onDone: () => void;
};

const SEVERITY = [
  { id: "info", label: "Everything" },
  { id: "warning", label: "Warnings and worse" },
  { id: "error", label: "Errors and worse" },
  { id: "critical", label: "Only what is critical" },
];

export function RuleForm({ rule, choices, zone, may, onDone }: Props) {
  const typedOf = (one: RuleRead | undefined) => typedRule(zone, one);
  const make = useMakeRule();
  const edit = useEditRule();
  const preview = usePreviewRule();
  const meeting = useMeeting({ one: rule, read: ruleOf, typedOf });
  const [placed, setPlaced] = useState(false);
  const [previewPlaced, setPreviewPlaced] = useState(false);
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const form = useForm<RuleTyped>({
    resolver: zodResolver(ruleShape),
    defaultValues: typedOf(rule),
  });
  useKept(form.formState.isDirty);
  const submit = form.handleSubmit((typed) => {
    const body = ruleBody(typed);
    const then = {
      onSuccess: onDone,
      onError: (error: unknown) => {
        if (meeting.met(error, edit.reset)) return;
        setPlaced(placeWithin(form, error, RULE_FIELDS));
        setKey(crypto.randomUUID());
      },
    };
    const { headers } = meeting;
    if (rule) edit.mutate({ path: { id: rule.id }, body, headers }, then);
    else make.mutate({ body, headers: { "idempotency-key": idempotencyKey } }, then);
  });
  const look = form.handleSubmit((typed) =>
    preview.mutate(
      { body: { rule: ruleBody(typed) } },
      { onError: (error) => setPreviewPlaced(placeWithin(form, error, RULE_FIELDS)) },
    ),
  );
  return (
    <Box component="form" noValidate onSubmit={submit}>
      {meeting.isMet ? (
        <Met
          what="the rule"
          onTakeTheirs={() => {
            form.reset(typedOf(meeting.base));
            meeting.end();
          }}
        />
      ) : null}
      <FormTrouble error={make.error ?? meeting.error ?? edit.error} placed={placed} />
      <Section title="What, and to whom">
        <Box sx={{ display: "grid", gap: 0.5, maxWidth: 720 }}>
          <Field form={form} name="name" label="Name" />
          <Several form={form} name="events" label="Events" choices={EVENTS} />
          <Pick
            form={form}
            name="filters.severity"
            label="How grave"
            choices={SEVERITY}
          />
          <Several
            form={form}
            name="channel_ids"
            label="Channels"
            choices={choices.channels}
            helperText="Each is told of one thing once, whatever rules there are."
          />
        </Box>
      </Section>
      <Section title="Only of">
        <RuleFilters form={form} choices={choices} />
      </Section>
      <Section title="When">
        <RuleTimes form={form} />
      </Section>
      <Section
        title="What it would have told"
        aside={
          <Button size="small" disabled={preview.isPending} onClick={() => void look()}>
            Look
          </Button>
        }
      >
        {preview.error && !previewPlaced ? <TroubleAlert error={preview.error} /> : null}
        {preview.data ? (
          <RulePreview preview={preview.data} channels={choices.channels} />
        ) : (
          <Box sx={{ color: "text.secondary" }}>
            Of the last notices, to whom and when. Nothing is sent.
          </Box>
        )}
      </Section>
      {may ? (
        <Submit busy={make.isPending || edit.isPending}>
          {rule ? "Save the rule" : "Make the rule"}
        </Submit>
      ) : (
        <Guarded may={false} variant="contained">
          Save the rule
        </Guarded>
      )}
    </Box>
  );
}

import { zodResolver } from "@hookform/resolvers/zod";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { useId, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { z } from "zod";
import { Field, FormTrouble, Submit } from "~/parts/form";
import { placeWithin } from "./form";
import { One } from "./One";
import { Pick } from "./Pick";
import { SUBJECTS, type SubjectKind, useMakeMute } from "./queries";
import { SPANS, untilOf } from "./until";
import { type Choice, SUBJECT_NAMES } from "./words";

const shape = z.object({
  kind: z.enum(SUBJECTS),
  subject: z.string().min(1, "Choose what is to be muted."),
  span: z.enum(["hour", "morning", "day", "week", "other"]),
  until: z.string(),
  reason: z.string().trim().max(500, "At most 500 letters."),
});
type Typed = z.infer<typeof shape>;

/** One thing that is known already, or a choice of all. */
type Muted =
  | { kind: SubjectKind; id: string; name: string }
  | { choices: Partial<Record<SubjectKind, readonly Choice[] | undefined>> };

type Props = { of: Muted; onClose: () => void };

export function MuteDialog({ of, onClose }: Props) {
  const titleId = useId();
  const make = useMakeMute();
  const [placed, setPlaced] = useState(false);
  const fixed = "id" in of ? of : null;
  const form = useForm<Typed>({
    resolver: zodResolver(shape),
    defaultValues: {
      kind: fixed?.kind ?? "task_id",
      subject: fixed?.id ?? "",
      span: "morning",
      until: "",
      reason: "",
    },
  });
  const span = useWatch({ control: form.control, name: "span" });
  const submit = form.handleSubmit((typed) => {
    const until = untilOf(typed.span, typed.until, new Date());
    if (!until) {
      form.setError("until", { message: "Write a day and a time." });
      return;
    }
    const body = {
      [typed.kind]: typed.subject,
      until,
      ...(typed.reason ? { reason: typed.reason } : {}),
    };
    make.mutate(
      { body },
      {
        onSuccess: onClose,
        onError: (error) => setPlaced(placeWithin(form, error, ["until", "reason"])),
      },
    );
  });
  return (
    <Dialog open onClose={onClose} aria-labelledby={titleId} maxWidth="xs" fullWidth>
      <DialogTitle id={titleId}>
        {fixed ? `Mute ${fixed.name}` : "Mute something"}
      </DialogTitle>
      <form noValidate onSubmit={submit}>
        <DialogContent sx={{ pt: 1 }}>
          <Stack spacing={1.5}>
            <FormTrouble error={make.error} placed={placed} />
            {"choices" in of ? <Subject form={form} choices={of.choices} /> : null}
            <Pick form={form} name="span" label="How long" choices={SPANS} />
            {span === "other" ? (
              <Field
                form={form}
                name="until"
                label="Until"
                type="datetime-local"
                slotProps={{ inputLabel: { shrink: true } }}
              />
            ) : null}
            <Field
              form={form}
              name="reason"
              label="Reason"
              helperText="For whoever wonders why nothing is told."
            />
            <span>
              What still goes on when it ends is told then. Webhook endpoints are told
              everything.
            </span>
          </Stack>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Submit busy={make.isPending}>Mute it</Submit>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type SubjectProps = {
  form: ReturnType<typeof useForm<Typed>>;
  choices: Partial<Record<SubjectKind, readonly Choice[] | undefined>>;
};

function Subject({ form, choices }: SubjectProps) {
  const kind = useWatch({ control: form.control, name: "kind" });
  const kinds = SUBJECTS.filter((one) => one in choices);
  return (
    <>
      <Pick
        form={form}
        name="kind"
        label="What"
        choices={kinds.map((id) => ({ id, label: SUBJECT_NAMES[id] }))}
      />
      <One
        key={kind}
        form={form}
        name="subject"
        label={SUBJECT_NAMES[kind]}
        choices={choices[kind]}
      />
    </>
  );
}

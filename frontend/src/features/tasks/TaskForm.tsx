import { zodResolver } from "@hookform/resolvers/zod";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { troubleOf } from "~/api/problem";
import type { TaskRead } from "~/client";
import { DraftTold } from "~/parts/DraftTold";
import { useDraft } from "~/parts/draft";
import { FormTrouble, placeErrors, Submit } from "~/parts/form";
import { LeaveGuard } from "~/parts/LeaveGuard";
import { Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { AdvancedFields } from "./AdvancedFields";
import type { Choice } from "./Choices";
import { Conflict } from "./Conflict";
import { type Meeting, meet, patchOf, typedOf } from "./change";
import { blank, bodyOf, type Definition, FIELDS, shape } from "./definition";
import { NextRuns } from "./NextRuns";
import { Outlook } from "./Outlook";
import { usePreviewTask, useReadTask, useSaveTask } from "./queries";
import { ScheduleFields } from "./ScheduleFields";
import { WhatFields } from "./WhatFields";

type Props = {
  accounts: readonly Choice[] | undefined;
  labels: readonly string[];
  /** The one that is changed; none where one is made. */
  task?: TaskRead;
  onDone: (task: TaskRead) => void;
};

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const STALE = 412;

export function TaskForm({ accounts, labels, task, onDone }: Props) {
  // What is changed is what was read when one began, whatever is read later.
  const [base, setBase] = useState(task);
  const [met, setMet] = useState<Meeting | null>(null);
  const save = useSaveTask(base);
  const read = useReadTask();
  const preview = usePreviewTask();
  const [placed, setPlaced] = useState(false);
  const begin = base ? typedOf(base) : blank(HERE);
  const form = useForm<Definition>({
    resolver: zodResolver(shape),
    defaultValues: begin,
  });
  const draft = useDraft(form, task ? `task-${task.id}` : "task-new");
  const { isDirty } = form.formState;
  const notWhole = () =>
    form.setError("schedule.kind", { message: "The schedule is not whole yet." });

  /** Somebody else saved first: theirs where nothing was typed, mine where something was. */
  const meetOther = async (typed: Definition) => {
    if (!base) return;
    const latest = await read(base.id);
    const meeting = meet(base, typed, latest);
    form.reset(typedOf(latest));
    form.reset(meeting.typed, { keepDefaultValues: true });
    setBase(latest);
    setMet(meeting);
    save.reset();
    window.scrollTo({ top: 0 });
  };
  const submit = form.handleSubmit((typed) => {
    const body = base ? patchOf(base, typed) : bodyOf(typed);
    if (!body) return notWhole();
    save.mutate(body, {
      onSuccess: (saved) => {
        draft.drop();
        onDone(saved);
      },
      onError: (error) => {
        if (troubleOf(error).status === STALE) void meetOther(typed);
        else setPlaced(placeErrors(form, error, FIELDS));
      },
    });
  });
  const look = form.handleSubmit((typed) => {
    const body = bodyOf(typed);
    if (!body) return notWhole();
    preview.mutate({ body: { ...body, ...(base ? { replaces: base.id } : {}) } });
  });
  const anew = () => {
    form.reset(begin);
    draft.drop();
  };
  return (
    <Box component="form" noValidate onSubmit={submit}>
      <LeaveGuard isTouched={isDirty} onDiscard={draft.drop} />
      <DraftTold isBack={draft.isBack} onDiscard={anew} />
      {met && base ? (
        <Conflict
          met={met}
          version={base.version}
          onTakeTheirs={() => {
            form.reset(typedOf(base));
            draft.drop();
            setMet(null);
          }}
        />
      ) : null}
      <Box aria-live="polite">
        <FormTrouble error={save.error} placed={placed} />
      </Box>
      <Section title="What">
        <WhatFields form={form} accounts={accounts} labels={labels} />
      </Section>
      <Section title="When">
        <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { md: "3fr 2fr" } }}>
          <ScheduleFields form={form} />
          <NextRuns control={form.control} />
        </Box>
      </Section>
      <AdvancedFields form={form} self={base?.id} />
      <Section
        title="What it will mean"
        aside={
          <Button size="small" disabled={preview.isPending} onClick={() => void look()}>
            Look
          </Button>
        }
      >
        {preview.error ? <TroubleAlert error={preview.error} /> : null}
        {preview.data ? (
          <Outlook preview={preview.data} />
        ) : (
          <Box sx={{ color: "text.secondary" }}>
            Units, AWS calls, missing permissions and the plan's limits, before anything
            is saved.
          </Box>
        )}
      </Section>
      <Submit busy={save.isPending}>{base ? "Save the task" : "Create the task"}</Submit>
    </Box>
  );
}

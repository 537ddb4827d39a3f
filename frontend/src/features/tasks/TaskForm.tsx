import { zodResolver } from "@hookform/resolvers/zod";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import type { TaskRead } from "~/client";
import { Field, FormTrouble, placeErrors, Submit } from "~/parts/form";
import { Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { type Choice, Choices } from "./Choices";
import { blank, bodyOf, type Definition, EVERYWHERE, FIELDS, shape } from "./definition";
import { NextRuns } from "./NextRuns";
import { Outlook } from "./Outlook";
import { useCreateTask, usePreviewTask, useServices } from "./queries";
import { ScheduleFields } from "./ScheduleFields";

type Props = {
  accounts: readonly Choice[] | undefined;
  onDone: (task: TaskRead) => void;
};

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function TaskForm({ accounts, onDone }: Props) {
  const create = useCreateTask();
  const preview = usePreviewTask();
  const [placed, setPlaced] = useState(false);
  // Sent twice, it is made once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const form = useForm<Definition>({
    resolver: zodResolver(shape),
    defaultValues: blank(HERE),
  });
  const isTouched = form.formState.isDirty;
  useBlocker({
    shouldBlockFn: () => isTouched && !window.confirm("Leave, and lose what you typed?"),
    enableBeforeUnload: () => isTouched,
  });
  const submit = form.handleSubmit((typed) => {
    const body = bodyOf(typed);
    if (!body) {
      form.setError("schedule.kind", { message: "The schedule is not whole yet." });
      return;
    }
    create.mutate(
      { body, headers: { "idempotency-key": idempotencyKey } },
      {
        onSuccess: (task) => {
          onDone(task);
        },
        onError: (error) => setPlaced(placeErrors(form, error, FIELDS)),
      },
    );
  });
  const look = form.handleSubmit((typed) => {
    const body = bodyOf(typed);
    if (body) preview.mutate({ body });
  });
  return (
    <Box component="form" noValidate onSubmit={submit}>
      <FormTrouble error={create.error} placed={placed} />
      <Section title="What">
        <What form={form} accounts={accounts} />
      </Section>
      <Section title="When">
        <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { md: "3fr 2fr" } }}>
          <ScheduleFields form={form} />
          <NextRuns control={form.control} />
        </Box>
      </Section>
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
      <Submit busy={create.isPending}>Create the task</Submit>
    </Box>
  );
}

function What({
  form,
  accounts,
}: Pick<Props, "accounts"> & { form: ReturnType<typeof useForm<Definition>> }) {
  const services = useServices();
  const type = useWatch({ control: form.control, name: "type" });
  const chosen = useWatch({ control: form.control, name: "services" });
  const known = services.data?.items ?? [];
  const usable = known.filter((one) =>
    type === "health_check" ? one.health_checks > 0 : one.default_operations > 0,
  );
  const offered = usable
    .map(({ name, title, category_title }) => ({
      id: name,
      label: `${title} (${name})`,
      group: category_title,
    }))
    .sort((a, b) => a.group.localeCompare(b.group) || a.label.localeCompare(b.label));
  const regional = known.filter(
    ({ name }) => chosen.length === 0 || chosen.includes(name),
  );
  const regions = [...new Set(regional.flatMap((one) => one.regions ?? []))].sort();
  return (
    <Box sx={{ display: "grid", gap: 1, maxWidth: 720 }}>
      <Field form={form} name="name" label="Name" autoFocus />
      <Controller
        control={form.control}
        name="type"
        render={({ field }) => (
          <ToggleButtonGroup
            exclusive
            size="small"
            value={field.value}
            aria-label="Type"
            onChange={(_, next: Definition["type"] | null) => {
              if (next) {
                field.onChange(next);
                form.setValue("services", []);
              }
            }}
            sx={{ mb: 1.5 }}
          >
            <ToggleButton value="health_check">Check the health</ToggleButton>
            <ToggleButton value="resource_list">List the resources</ToggleButton>
          </ToggleButtonGroup>
        )}
      />
      <Choices
        form={form}
        name="services"
        label="Services"
        choices={offered}
        loading={services.isPending}
        helperText={
          services.error ? "The catalog could not be read; reload the page." : " "
        }
      />
      <Choices
        form={form}
        name="regions"
        label="Regions"
        choices={[
          { id: EVERYWHERE, label: "All that the account has enabled" },
          ...regions.map((id) => ({ id, label: id })),
        ]}
        loading={services.isPending}
        alone={EVERYWHERE}
      />
      <Choices
        form={form}
        name="targets.account_ids"
        label="Accounts"
        choices={accounts ?? []}
        loading={!accounts}
      />
    </Box>
  );
}

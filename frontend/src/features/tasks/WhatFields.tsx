import Box from "@mui/material/Box";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import { Controller, type UseFormReturn, useWatch } from "react-hook-form";
import { Field } from "~/parts/form";
import { type Choice, Choices } from "./Choices";
import { type Definition, EVERYWHERE } from "./definition";
import { useServices } from "./queries";

type Props = {
  form: UseFormReturn<Definition>;
  accounts: readonly Choice[] | undefined;
  /** "client: north", of all accounts. */
  labels: readonly string[];
};

/** What is looked at, and where. */
export function WhatFields({ form, accounts, labels }: Props) {
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
      <Targets form={form} accounts={accounts} labels={labels} />
    </Box>
  );
}

function Targets({ form, accounts, labels }: Props) {
  const by = useWatch({ control: form.control, name: "targets.by" });
  return (
    <Box>
      <Controller
        control={form.control}
        name="targets.by"
        render={({ field }) => (
          <ToggleButtonGroup
            exclusive
            size="small"
            value={field.value}
            aria-label="Which accounts"
            onChange={(_, next: Definition["targets"]["by"] | null) => {
              if (next) field.onChange(next);
            }}
            sx={{ mb: 2 }}
          >
            <ToggleButton value="accounts">These accounts</ToggleButton>
            <ToggleButton value="labels">Accounts with labels</ToggleButton>
          </ToggleButtonGroup>
        )}
      />
      {by === "accounts" ? (
        <Choices
          form={form}
          name="targets.account_ids"
          label="Accounts"
          choices={accounts ?? []}
          loading={!accounts}
        />
      ) : (
        <Choices
          form={form}
          name="targets.selector"
          label="Labels"
          choices={labels.map((id) => ({ id, label: id }))}
          loading={!accounts}
          isFree
          helperText="Looked up anew at each run: of each label one of its values. Write label: value and press Enter."
        />
      )}
    </Box>
  );
}

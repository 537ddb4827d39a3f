import Box from "@mui/material/Box";
import type { UseFormReturn } from "react-hook-form";
import { LabelsField } from "./LabelsField";
import type { RuleChoices } from "./RuleForm";
import type { RuleTyped } from "./rule";
import { Several } from "./Several";

type Props = { form: UseFormReturn<RuleTyped>; choices: RuleChoices };

/** All that are given must hold; what a notice lacks is not matched. */
export function RuleFilters({ form, choices }: Props) {
  return (
    <Box
      sx={{
        display: "grid",
        columnGap: 1.5,
        rowGap: 1,
        gridTemplateColumns: { md: "1fr 1fr" },
      }}
    >
      <Several
        form={form}
        name="filters.account_ids"
        label="Accounts"
        choices={choices.accounts}
        helperText="Empty: of all."
      />
      <LabelsField form={form} name="filters.selector" />
      <Several
        form={form}
        name="filters.task_ids"
        label="Tasks"
        choices={choices.tasks}
        helperText="Empty: of all."
      />
      <Several
        form={form}
        name="filters.services"
        label="Services"
        choices={choices.services}
        helperText="Empty: of all."
      />
      <Several
        form={form}
        name="filters.categories"
        label="Errors"
        choices={choices.categories}
        helperText="Empty: whatever went wrong, or nothing."
      />
    </Box>
  );
}

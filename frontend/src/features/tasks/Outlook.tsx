import Box from "@mui/material/Box";
import type { TaskPreview } from "~/client";
import { CopyBlock } from "~/parts/Copy";
import { Status } from "~/parts/Status";

const NAMES: Record<string, string> = {
  enabled_tasks: "Enabled tasks",
  shortest_interval_seconds: "Seconds between runs",
  units_per_execution: "Units of one execution",
  executions_per_month: "Executions a month",
  aws_calls_per_month: "AWS calls a month",
};

/** What saving the task would mean: work, permissions, and the plan. */
export function Outlook({ preview }: { preview: TaskPreview }) {
  const { units, permissions, plan, paid_calls, aws_calls_at_least } = preview;
  const missing = [...new Set(permissions.accounts.flatMap((one) => one.missing))];
  const beyond = plan.limits.filter(({ verdict }) => verdict === "exceeded");
  return (
    <Box sx={{ display: "grid", gap: 1.5 }} aria-live="polite">
      <Box>
        {units.bound === "exact" ? "" : "At most "}
        {units.count} units on each account, at least {aws_calls_at_least} AWS calls a
        run.
        {paid_calls.charged.length > 0
          ? ` AWS charges for ${paid_calls.charged.join(", ")}.`
          : ""}
      </Box>
      {missing.length > 0 ? (
        <Box>
          <Status word="failed" reason={`${missing.length} permissions are missing`} />
          <CopyBlock text={missing.join("\n")} what="missing actions" />
        </Box>
      ) : (
        <Box sx={{ color: "text.secondary" }}>
          No permission is known to be missing; {permissions.needed.length} are needed.
        </Box>
      )}
      {beyond.map(({ name, allowed, needed }) => (
        <Box key={name} sx={{ color: "error.main" }}>
          {NAMES[name] ?? name}: {needed} needed, the plan {plan.plan} allows {allowed}.
        </Box>
      ))}
    </Box>
  );
}

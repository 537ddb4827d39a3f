import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import type { ProblemRead } from "~/client";
import { useEditProblem } from "./queries";

type Props = { problem: ProblemRead; may: boolean };

/** Known, and being seen to: it is told no more until something changes. */
export function AcknowledgeButton({ problem, may }: Props) {
  const edit = useEditProblem();
  if (problem.status === "closed") return null;
  const next = problem.status === "open" ? "acknowledged" : "open";
  const label = next === "open" ? "Reopen" : "Acknowledge";
  const why = may ? "" : "Your role may not change problems.";
  return (
    <Tooltip title={edit.error ? troubleOf(edit.error).detail : why}>
      <span>
        <Button
          size="small"
          variant="outlined"
          color={edit.error ? "error" : "inherit"}
          disabled={!may || edit.isPending}
          onClick={() =>
            edit.mutate({ path: { id: problem.id }, body: { status: next } })
          }
        >
          {edit.error ? "Try again" : label}
        </Button>
      </span>
    </Tooltip>
  );
}

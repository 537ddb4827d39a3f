import PlayArrow from "@mui/icons-material/PlayArrow";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { useRunTask } from "./queries";

type Props = {
  id: string;
  may: boolean;
  onStarted: (executions: readonly string[]) => void;
};

/** It touches AWS: nothing is shown as begun before the server has recorded it. */
export function RunButton({ id, may, onStarted }: Props) {
  const run = useRunTask();
  const why = may ? "" : "Your role may not run tasks.";
  return (
    <Tooltip title={run.error ? troubleOf(run.error).detail : why}>
      <span>
        <Button
          variant="contained"
          startIcon={<PlayArrow />}
          disabled={!may || run.isPending}
          color={run.error ? "error" : "primary"}
          onClick={() =>
            run.mutate(
              { path: { id } },
              { onSuccess: ({ executions }) => onStarted(executions) },
            )
          }
        >
          {run.error ? "Not started: try again" : "Run now"}
        </Button>
      </span>
    </Tooltip>
  );
}

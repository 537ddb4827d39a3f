import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import type { TaskRead } from "~/client";
import { useEnable } from "./queries";

type Props = { task: Pick<TaskRead, "id" | "name" | "enabled">; may: boolean };

/** Pause and resume. It moves at once, and moves back where the server refuses. */
export function EnabledSwitch({ task, may }: Props) {
  const enable = useEnable(task.id);
  const why = may ? "" : "Your role may not change tasks.";
  return (
    <Box>
      <Tooltip title={why}>
        <FormControlLabel
          disabled={!may}
          control={
            <Switch
              size="small"
              checked={task.enabled}
              slotProps={{ input: { "aria-label": `Run ${task.name} at its times` } }}
              onChange={(_, enabled) =>
                enable.mutate({ path: { id: task.id }, body: { enabled } })
              }
            />
          }
          label={task.enabled ? "Enabled" : "Paused"}
        />
      </Tooltip>
      <Box role="status" sx={{ color: "error.main", fontSize: 12, maxWidth: 280 }}>
        {enable.error ? `Not changed: ${troubleOf(enable.error).detail}` : null}
      </Box>
    </Box>
  );
}

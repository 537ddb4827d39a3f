import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { Guarded } from "./Guarded";
import { useLiftMute } from "./queries";

type Props = { id: string; may: boolean };

/** End a mute before its time: what went on meanwhile is told now. */
export function LiftButton({ id, may }: Props) {
  const lift = useLiftMute();
  return (
    <Tooltip
      title={
        lift.error ? troubleOf(lift.error).detail : "What went on meanwhile is told now."
      }
    >
      <span>
        <Guarded
          may={may}
          size="small"
          variant="outlined"
          color={lift.error ? "error" : "inherit"}
          disabled={lift.isPending}
          onClick={() => lift.mutate({ path: { id } })}
        >
          {lift.error ? "Try again" : "Unmute"}
        </Guarded>
      </span>
    </Tooltip>
  );
}

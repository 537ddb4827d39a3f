import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { ActDialog } from "~/parts/ActDialog";
import { Told } from "~/parts/form";
import { useReplayAll } from "./deliveries";
import { Guarded } from "./Guarded";
import type { Kind } from "./queries";
import { replayedWords } from "./replayed";

type Props = {
  kind: Kind;
  of: { id: string; name: string; enabled: boolean };
  may: boolean;
};

const DAY_MS = 86_400_000;
const SINCE = [
  { days: 1, label: "the last 24 hours" },
  { days: 3, label: "the last 3 days" },
  { days: 7, label: "the last 7 days" },
  { days: 30, label: "the last 30 days" },
];

/** All that was refused or given up, once more. */
export function ReplayAll({ kind, of, may }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [days, setDays] = useState(3);
  const replay = useReplayAll(kind, of.id);
  const send = () => replay.mutate(new Date(Date.now() - days * DAY_MS).toISOString());
  return (
    <>
      <Guarded may={may} size="small" onClick={() => setOpen(true)}>
        Send again what failed
      </Guarded>
      {isOpen ? (
        <ActDialog
          title={`Send “${of.name}” again what failed?`}
          act="Send it again"
          color="primary"
          busy={replay.isPending || !of.enabled}
          error={replay.error}
          onAct={send}
          onClose={() => {
            setOpen(false);
            replay.reset();
          }}
        >
          <span>
            What was refused, or given up after ten tries, is sent once more, the oldest
            first, up to 1,000 at a time.
            {of.enabled ? "" : " It is disabled: enable it first."}
          </span>
          <TextField
            select
            label="Of"
            id="replay-since"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {SINCE.map((one) => (
              <MenuItem key={one.days} value={one.days}>
                {one.label}
              </MenuItem>
            ))}
          </TextField>
          {replay.data ? <Told>{replayedWords(replay.data)}</Told> : null}
        </ActDialog>
      ) : null}
    </>
  );
}

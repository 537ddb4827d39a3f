import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import LinearProgress from "@mui/material/LinearProgress";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ACTS, type Act, doEach, type Named, type Outcome } from "./bulk";

type Props = {
  act: Act;
  tasks: readonly Named[];
  /** With true once it was done. */
  onClose: (isDone: boolean) => void;
};

const NAMED = 20;

/** What will happen, to which by name; and then what became of each. */
export function BulkDialog({ act, tasks, onClose }: Props) {
  const { title, means, done, act: doIt } = ACTS[act];
  const queries = useQueryClient();
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>();
  const left = tasks.length - (outcomes?.length ?? 0);
  const isBusy = outcomes !== undefined && left > 0;
  const begin = async () => {
    setOutcomes([]);
    await doEach(tasks, doIt, (one) => setOutcomes((before = []) => [...before, one]));
    await queries.invalidateQueries();
  };
  const refused = outcomes?.filter(({ trouble }) => trouble) ?? [];
  const count = tasks.length === 1 ? "1 task" : `${tasks.length} tasks`;
  return (
    <Dialog
      open
      fullWidth
      maxWidth="sm"
      aria-labelledby="bulk-title"
      onClose={() => {
        if (!isBusy) onClose(outcomes !== undefined);
      }}
    >
      <DialogTitle id="bulk-title">
        {title} {count}
        {outcomes ? "" : "?"}
      </DialogTitle>
      <DialogContent>
        {outcomes ? (
          <Box aria-live="polite" sx={{ display: "grid", gap: 1.5 }}>
            {isBusy ? (
              <LinearProgress
                variant="determinate"
                aria-label="How many are done"
                value={(100 * outcomes.length) / tasks.length}
              />
            ) : null}
            <Box>
              {outcomes.length - refused.length} {done}
              {refused.length > 0 ? `, ${refused.length} refused` : ""}
              {isBusy ? `, ${left} to go` : ""}.
            </Box>
            <Names
              of={refused.map(({ id, name, trouble }) => ({
                id,
                name: `${name}: ${trouble?.detail}`,
              }))}
              most={refused.length}
            />
          </Box>
        ) : (
          <>
            <Box sx={{ mb: 1.5 }}>{means}</Box>
            <Names of={tasks} most={NAMED} />
          </>
        )}
      </DialogContent>
      <DialogActions>
        <Button
          color="inherit"
          disabled={isBusy}
          onClick={() => onClose(outcomes !== undefined)}
        >
          {outcomes ? "Close" : "Cancel"}
        </Button>
        {outcomes ? null : (
          <Button
            variant="contained"
            color={act === "delete" ? "error" : "primary"}
            onClick={() => void begin()}
          >
            {title} {count}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function Names({ of, most }: { of: readonly Named[]; most: number }) {
  if (of.length === 0) return null;
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5, overflowWrap: "anywhere" }}>
      {of.slice(0, most).map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
      {of.length > most ? <li>and {of.length - most} more</li> : null}
    </Box>
  );
}

import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import { useBlocker } from "@tanstack/react-router";

type Props = { isTouched: boolean; onDiscard: () => void };

/** Asks before a form that holds something unsaved is left. What was typed stays as a
 * draft in this tab, unless one says otherwise. */
export function LeaveGuard({ isTouched, onDiscard }: Props) {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => isTouched && current.pathname !== next.pathname,
    enableBeforeUnload: () => isTouched,
    withResolver: true,
  });
  if (status !== "blocked") return null;
  const discard = () => {
    onDiscard();
    proceed();
  };
  return (
    <Dialog open onClose={reset} maxWidth="xs" fullWidth aria-labelledby="leave-title">
      <DialogTitle id="leave-title">Leave without saving?</DialogTitle>
      <DialogContent>
        <DialogContentText>
          What you typed, but for secrets, is kept in this tab until you come back.
        </DialogContentText>
      </DialogContent>
      <DialogActions>
        <Button color="error" onClick={discard}>
          Discard it
        </Button>
        <Button onClick={proceed}>Leave</Button>
        <Button variant="contained" onClick={reset} autoFocus>
          Stay
        </Button>
      </DialogActions>
    </Dialog>
  );
}

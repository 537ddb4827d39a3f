import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { type ReactNode, useId } from "react";
import { TroubleAlert } from "./TroubleAlert";

type Props = {
  title: string;
  /** What the button says: the act, not "OK". */
  act: string;
  color?: "primary" | "error";
  busy: boolean;
  error: unknown;
  /** What will happen, by name. */
  children: ReactNode;
  onAct: () => void;
  onClose: () => void;
};

/** Asks before what cannot be taken back, or not by a click. */
export function ActDialog({
  title,
  act,
  color = "error",
  busy,
  error,
  children,
  onAct,
  onClose,
}: Props) {
  const id = useId();
  return (
    <Dialog open maxWidth="xs" fullWidth aria-labelledby={id} onClose={onClose}>
      <DialogTitle id={id} sx={{ overflowWrap: "anywhere" }}>
        {title}
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          {error ? <TroubleAlert error={error} /> : null}
          <div>{children}</div>
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button color="inherit" onClick={onClose}>
          Cancel
        </Button>
        <Button
          variant="contained"
          color={color}
          disabled={busy}
          loading={busy}
          onClick={onAct}
        >
          {act}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

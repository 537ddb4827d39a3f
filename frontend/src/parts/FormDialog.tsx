import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { type ReactNode, type SubmitEventHandler, useId } from "react";
import { Submit } from "./form";

type Props = {
  title: string;
  submit: string;
  busy: boolean;
  onSubmit: SubmitEventHandler<HTMLFormElement>;
  onClose: () => void;
  children: ReactNode;
};

/** A form over its page. A click beside it keeps it: what was typed is not lost. */
export function FormDialog({ title, submit, busy, onSubmit, onClose, children }: Props) {
  const id = useId();
  return (
    <Dialog
      open
      maxWidth="sm"
      fullWidth
      aria-labelledby={id}
      onClose={(_, reason) => {
        if (reason !== "backdropClick") onClose();
      }}
    >
      <form noValidate onSubmit={onSubmit} style={{ display: "contents" }}>
        <DialogTitle id={id} sx={{ overflowWrap: "anywhere" }}>
          {title}
        </DialogTitle>
        <DialogContent>
          <Stack spacing={1.5} sx={{ pt: 1 }}>
            {children}
          </Stack>
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={onClose}>
            Cancel
          </Button>
          <Submit busy={busy}>{submit}</Submit>
        </DialogActions>
      </form>
    </Dialog>
  );
}

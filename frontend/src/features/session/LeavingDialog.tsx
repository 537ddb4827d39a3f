import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { Field, FormTrouble, placeErrors } from "~/parts/form";
import { useMe } from "./queries";
import { useDeleteAccount } from "./security";

type Props = { onClose: () => void; onDone: () => void };

/** Names what will happen, and asks for one's address, so that nobody does it by mistake. */
export function LeavingDialog({ onClose, onDone }: Props) {
  const { user } = useMe();
  const gone = useDeleteAccount();
  const [placed, setPlaced] = useState(false);
  const form = useForm({ defaultValues: { email: "" } });
  const submit = form.handleSubmit(({ email }) =>
    gone.mutate(
      { body: { email: email.trim() } },
      {
        onSuccess: onDone,
        onError: (error) => setPlaced(placeErrors(form, error, ["email"])),
      },
    ),
  );
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="leave-title">
      <form noValidate onSubmit={submit}>
        <DialogTitle id="leave-title">Delete your account?</DialogTitle>
        <DialogContent>
          <FormTrouble error={gone.error} placed={placed} />
          <Box component="ul" sx={{ mt: 0, pl: 2.5 }}>
            <li>You leave every organization at once, and all your sessions end.</li>
            <li>
              Your name, your address and all else about you is erased within a day.
            </li>
            <li>
              Organizations go on without you: their tasks, accounts and results stay.
            </li>
            <li>It cannot be undone.</li>
          </Box>
          <Field
            form={form}
            name="email"
            label="Your address"
            helperText={user.email}
            autoComplete="off"
            autoFocus
            sx={{ mt: 1 }}
          />
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="contained"
            color="error"
            disabled={gone.isPending}
          >
            Delete my account
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

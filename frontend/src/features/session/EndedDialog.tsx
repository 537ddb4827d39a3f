import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import { useQueryClient } from "@tanstack/react-query";
import { useMe } from "./queries";
import { SignInForm } from "./SignInForm";

/** Over the page, which stays as it is: what was typed there is still there afterwards. */
export function EndedDialog() {
  const me = useMe();
  const queries = useQueryClient();
  return (
    <Dialog open maxWidth="xs" fullWidth aria-labelledby="ended-title">
      <DialogTitle id="ended-title">Your session has ended</DialogTitle>
      <DialogContent>
        <DialogContentText sx={{ mb: 2 }}>
          Sign in to go on. What you typed is kept.
        </DialogContentText>
        <SignInForm
          address={me.user.email}
          onDone={() => void queries.invalidateQueries()}
        />
      </DialogContent>
    </Dialog>
  );
}

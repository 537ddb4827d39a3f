import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { CopyBlock } from "~/parts/Copy";

export type MadeKey = { key: string | null; name: string };

/** The one time that the key is shown: neither a click beside it nor Esc closes it. */
export function MadeDialog({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  return (
    <Dialog open maxWidth="sm" fullWidth aria-labelledby="made-title">
      <DialogTitle id="made-title" sx={{ overflowWrap: "anywhere" }}>
        The key “{made.name}”
      </DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Alert severity="warning" variant="outlined">
            {made.key
              ? "Copy it now: it is shown this once. We keep its hash alone."
              : "The key was made, but its text was not received. Revoke it and make another."}
          </Alert>
          {made.key ? <CopyBlock text={made.key} what="key" /> : null}
          {made.key ? (
            <CopyBlock
              text={`curl -H "Authorization: Bearer $CLOUDROTA_KEY" ${location.origin}/api/v1/tasks`}
              what="example"
            />
          ) : null}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {made.key ? "I have copied it" : "Close"}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

import Alert from "@mui/material/Alert";
import Stack from "@mui/material/Stack";
import { CopyBlock } from "~/parts/Copy";

/** The secret that events are signed with. Null where this answer is a repeat. */
export function SecretOnce({ secret }: { secret: string | null }) {
  if (!secret) {
    return (
      <Alert severity="warning" variant="outlined">
        Its secret was shown already. Rotate it to be shown another one.
      </Alert>
    );
  }
  return (
    <Stack spacing={1.5}>
      <Alert severity="warning" variant="outlined" role="status">
        This is shown once, and never again. Give it to whatever receives the events: it
        checks their signatures with it, as Standard Webhooks says.
      </Alert>
      <CopyBlock text={secret} what="signing secret" />
    </Stack>
  );
}

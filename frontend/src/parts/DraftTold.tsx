import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";

type Props = { isBack: boolean; onDiscard: () => void };

/** What was typed here before is back. */
export function DraftTold({ isBack, onDiscard }: Props) {
  if (!isBack) return null;
  return (
    <Alert
      severity="info"
      variant="outlined"
      role="status"
      sx={{ mb: 2 }}
      action={
        <Button size="small" color="inherit" onClick={onDiscard}>
          Begin anew
        </Button>
      }
    >
      What you typed here before is back.
    </Alert>
  );
}

import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Button from "@mui/material/Button";
import { type ReactNode, useEffect, useRef } from "react";

type Props = { what: string; onTakeTheirs: () => void; children?: ReactNode };

/** Somebody saved it while it was being changed here: nothing that was typed is lost, and
 * nothing of theirs yet. The children say what they changed, where that is known. */
export function Met({ what, onTakeTheirs, children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // Who saves is at the end of the form.
  useEffect(() => place.current?.scrollIntoView({ block: "center" }), []);
  return (
    <Alert
      ref={place}
      severity="warning"
      variant="outlined"
      sx={{ mb: 2 }}
      action={
        <Button size="small" color="inherit" onClick={onTakeTheirs}>
          Take theirs
        </Button>
      }
    >
      <AlertTitle>
        Somebody else changed {what} meanwhile; nothing is saved yet
      </AlertTitle>
      {children ?? "What you typed is shown. Saving again puts it in place of theirs."}
    </Alert>
  );
}

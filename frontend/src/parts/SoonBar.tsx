import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Snackbar from "@mui/material/Snackbar";
import { useEffect, useSyncExternalStore } from "react";
import { troubleOf } from "~/api/problem";
import { doNow, forgetFailure, onSoon, soonIs, takeBack } from "./soon";

const PLACE = { vertical: "bottom", horizontal: "left" } as const;

/** What is about to be deleted, and the way back; or why it was not. */
export function SoonBar() {
  const { waiting, failed } = useSyncExternalStore(onSoon, soonIs);
  useEffect(() => {
    const leave = () => void doNow();
    window.addEventListener("pagehide", leave);
    return () => window.removeEventListener("pagehide", leave);
  }, []);
  if (waiting) {
    return (
      <Snackbar
        open
        anchorOrigin={PLACE}
        message={`“${waiting.name}” is being deleted.`}
        action={
          <Button size="small" color="inherit" onClick={takeBack}>
            Undo
          </Button>
        }
        sx={{ overflowWrap: "anywhere" }}
      />
    );
  }
  if (!failed) return null;
  const { title, detail } = troubleOf(failed.error);
  return (
    <Snackbar open anchorOrigin={PLACE}>
      <Alert severity="error" onClose={forgetFailure} sx={{ overflowWrap: "anywhere" }}>
        “{failed.name}” was not deleted. {title}
        {detail === title ? "" : `: ${detail}`}
      </Alert>
    </Snackbar>
  );
}

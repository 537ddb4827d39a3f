import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import type { TaskRead } from "~/client";
import { doSoon } from "~/parts/soon";
import { When } from "~/parts/When";
import { useDeleteTask } from "./queries";

type Props = {
  task: TaskRead;
  /** The accounts or labels, by name. */
  where: string;
  onClose: () => void;
  onDone: () => void;
};

/** What deleting the task will mean, by name. */
export function DeleteDialog({ task, where, onClose, onDone }: Props) {
  const remove = useDeleteTask();
  const { services } = task;
  const shown = services.slice(0, 5).join(", ");
  const rest = services.length - 5;
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="delete-title">
      <DialogTitle id="delete-title" sx={{ overflowWrap: "anywhere" }}>
        Delete “{task.name}”?
      </DialogTitle>
      <DialogContent>
        <Box
          component="ul"
          sx={{ m: 0, pl: 2.5, display: "grid", gap: 1, overflowWrap: "anywhere" }}
        >
          <li>
            {task.next_run_at ? (
              <>
                It does not run any more. Its next run was to be{" "}
                <When at={task.next_run_at} />.
              </>
            ) : (
              "It does not run any more."
            )}
          </li>
          <li>
            {task.type === "health_check" ? "The health of " : "The list of "}
            {shown}
            {rest > 0 ? ` and ${rest} more` : ""} in {where} is no longer kept up by it.
          </li>
          <li>An execution that has begun goes on to its end.</li>
          <li>Its executions and what they found stay in the history.</li>
        </Box>
        <Box sx={{ color: "text.secondary", mt: 2 }}>
          It can be undone for some seconds. To stop it for a time, pause it.
        </Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose} autoFocus>
          Keep it
        </Button>
        <Button
          color="error"
          variant="contained"
          onClick={() => {
            const { id, name } = task;
            doSoon({ id, name, act: () => remove.mutateAsync({ path: { id } }) });
            onDone();
          }}
        >
          Delete the task
        </Button>
      </DialogActions>
    </Dialog>
  );
}

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { executionQuery, useCancel, useRerun } from "~/features/executions/queries";
import { useMay } from "~/features/session/queries";
import { TroubleAlert } from "~/parts/TroubleAlert";

export const ENDED = ["succeeded", "failed", "interrupted", "cancelled", "skipped"];

/** Stop it while it runs; run it again once it has failed. */
export function ExecutionActions({ id }: { id: string }) {
  const { data: execution } = useSuspenseQuery(executionQuery(id));
  const cancel = useCancel();
  const rerun = useRerun();
  const mayRun = useMay("tasks.execute");
  const mayCancel = useMay("executions.cancel");
  const navigate = useNavigate();
  const again = () =>
    rerun.mutate(
      { body: { execution_ids: [id] } },
      {
        onSuccess: ({ items: [item] }) => {
          if (item?.new_execution_id) {
            void navigate({
              to: "/executions/$id",
              params: { id: item.new_execution_id },
              search: {},
            });
          }
        },
      },
    );
  const [refused] = rerun.data?.items ?? [];
  return (
    <Box>
      {ENDED.includes(execution.status) ? (
        <Tooltip title={mayRun ? "" : "Your role may not run tasks."}>
          <span>
            <Button
              variant="contained"
              disabled={!mayRun || rerun.isPending || execution.status === "succeeded"}
              onClick={again}
            >
              Run again
            </Button>
          </span>
        </Tooltip>
      ) : (
        <Tooltip title={mayCancel ? "" : "Your role may not cancel executions."}>
          <span>
            <Button
              variant="outlined"
              disabled={
                !mayCancel || cancel.isPending || execution.cancel_requested_at !== null
              }
              onClick={() => cancel.mutate({ path: { id } })}
            >
              {execution.cancel_requested_at ? "Stopping" : "Cancel"}
            </Button>
          </span>
        </Tooltip>
      )}
      <Box aria-live="polite">
        {cancel.error ? <TroubleAlert error={cancel.error} /> : null}
        {rerun.error ? <TroubleAlert error={rerun.error} /> : null}
        {refused && refused.outcome !== "started" ? (
          <Typography sx={{ color: "text.secondary", mt: 0.5 }}>
            Not started: {refused.outcome.replaceAll("_", " ")}.
          </Typography>
        ) : null}
      </Box>
    </Box>
  );
}

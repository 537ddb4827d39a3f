import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { useExport } from "./queries";

export function ExportButton({ may }: { may: boolean }) {
  const asked = useExport();
  const why = may ? "" : "Only an owner may export everything.";
  return (
    <Tooltip title={asked.error ? troubleOf(asked.error).detail : why}>
      <span>
        <Button
          variant="outlined"
          color={asked.error ? "error" : "inherit"}
          disabled={!may || asked.isPending}
          startIcon={
            asked.isPending ? <CircularProgress size={14} color="inherit" /> : undefined
          }
          onClick={() => asked.mutate()}
        >
          {asked.error ? "Not exported: try again" : "Export everything (JSON)"}
        </Button>
      </span>
    </Tooltip>
  );
}

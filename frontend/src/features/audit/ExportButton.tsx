import Download from "@mui/icons-material/DownloadOutlined";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import type { AuditFilter } from "./filters";
import { useExport } from "./queries";

/** What the filters leave, as a file; that it was taken is an event itself. */
export function ExportButton({ filter }: { filter: AuditFilter }) {
  const take = useExport();
  return (
    <Tooltip
      describeChild
      title={
        take.error
          ? troubleOf(take.error).detail
          : "All events that the filters leave, the oldest first."
      }
    >
      <Button
        variant="outlined"
        color={take.error ? "error" : "inherit"}
        startIcon={<Download />}
        loading={take.isPending}
        loadingPosition="start"
        onClick={() => take.mutate(filter)}
      >
        {take.error ? "No file: try again" : "Export CSV"}
      </Button>
    </Tooltip>
  );
}

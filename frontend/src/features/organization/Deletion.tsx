import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import type { OrganizationRead } from "~/client";
import { ExportButton } from "~/parts/ExportButton";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { absolute } from "~/parts/time";
import { DeletionDialog } from "./DeletionDialog";
import { askExport, useKeep } from "./queries";

type Props = {
  organization: OrganizationRead;
  may: boolean;
  mayExport: boolean;
  isAsked: boolean;
  onAsk: (isAsked: boolean) => void;
};

/** Everything taken along first, then its end; and the way back until the day comes. */
export function Deletion({ organization, may, mayExport, isAsked, onAsk }: Props) {
  const keep = useKeep();
  const due = organization.deletion_due_at;
  return (
    <Box sx={{ display: "grid", gap: 2, justifyItems: "start" }}>
      {due ? (
        <Alert severity="warning" variant="outlined" role="status">
          {organization.name} will be deleted on {absolute(due)}, with all that is in it.
          Until then it works as always, and an owner can keep it.
        </Alert>
      ) : (
        <Box sx={{ maxWidth: 560 }}>
          Take everything along first: settings, accounts, tasks and results, without
          secrets; the audit log has an export of its own. Two weeks after you ask for the
          deletion all of it is gone.
        </Box>
      )}
      {keep.error ? <TroubleAlert error={keep.error} /> : null}
      <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap" }}>
        <ExportButton
          label="Export everything (JSON)"
          name="organization.json"
          ask={askExport}
          why={mayExport ? "" : "Only an owner may export everything."}
        />
        {may ? (
          due ? (
            <Button
              variant="contained"
              disabled={keep.isPending}
              onClick={() => keep.mutate({})}
            >
              Keep the organization
            </Button>
          ) : (
            <Button variant="outlined" color="error" onClick={() => onAsk(true)}>
              Delete the organization
            </Button>
          )
        ) : null}
      </Box>
      {may ? null : (
        <Box sx={{ color: "text.secondary" }}>Only an owner may delete it.</Box>
      )}
      {isAsked && may && !due ? (
        <DeletionDialog organization={organization} onClose={() => onAsk(false)} />
      ) : null}
    </Box>
  );
}

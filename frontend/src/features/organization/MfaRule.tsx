import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import type { OrganizationRead } from "~/client";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { useUpdate } from "./queries";

type Props = { organization: OrganizationRead; may: boolean; hasMfa: boolean };

/** Whether members need a second factor. Shown as asked for once the server has it so. */
export function MfaRule({ organization: { mfa_required }, may, hasMfa }: Props) {
  const update = useUpdate();
  const why = !may
    ? "Only an owner may change this."
    : hasMfa || mfa_required
      ? ""
      : "Set up your own second factor first.";
  return (
    <Box sx={{ display: "grid", gap: 1 }}>
      {update.error ? <TroubleAlert error={update.error} /> : null}
      <FormControlLabel
        control={
          <Switch
            checked={mfa_required}
            disabled={Boolean(why) || update.isPending}
            onChange={(_, wanted) => update.mutate({ body: { mfa_required: wanted } })}
          />
        }
        label="Ask every member for a second factor"
      />
      <Box sx={{ color: "text.secondary" }}>
        {why ? `${why} ` : null}Members without one then see nothing here until they set
        one up.
      </Box>
    </Box>
  );
}

import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useBlocker } from "@tanstack/react-router";
import { CopyBlock } from "~/parts/Copy";

/** Told this once: nobody leaves before saying that they are kept. */
export function RecoveryCodes({
  codes,
  onKept,
}: {
  codes: readonly string[];
  onKept: () => void;
}) {
  useBlocker({
    shouldBlockFn: () =>
      !window.confirm("Leave? The recovery codes are never shown again."),
    enableBeforeUnload: true,
  });
  return (
    <Box sx={{ display: "grid", gap: 2, maxWidth: 480 }}>
      <Alert severity="warning" variant="outlined" role="status">
        Keep these recovery codes where you keep your passwords. Each works once in place
        of a code of your app, and they are not shown again.
      </Alert>
      <CopyBlock text={codes.join("\n")} what="recovery codes" />
      <div>
        <Button variant="contained" onClick={onKept}>
          I have kept them
        </Button>
      </div>
    </Box>
  );
}

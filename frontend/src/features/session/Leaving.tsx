import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { ExportButton } from "~/parts/ExportButton";
import { LeavingDialog } from "./LeavingDialog";
import { askAboutOneself } from "./security";

type Props = { isAsked: boolean; onAsk: (isAsked: boolean) => void; onDone: () => void };

/** All that is known of one, to take along; and one's end here. */
export function Leaving({ isAsked, onAsk, onDone }: Props) {
  return (
    <Box sx={{ display: "grid", gap: 2, justifyItems: "start" }}>
      <Box sx={{ maxWidth: 560 }}>
        All that is kept about you can be taken along as one file. If you delete your
        account, it is erased within a day; what you did in an organization stays in its
        history, without your name.
      </Box>
      <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap" }}>
        <ExportButton
          label="Export what is kept about me (JSON)"
          name="oneself.json"
          ask={askAboutOneself}
        />
        <Button variant="outlined" color="error" onClick={() => onAsk(true)}>
          Delete my account
        </Button>
      </Box>
      {isAsked ? <LeavingDialog onClose={() => onAsk(false)} onDone={onDone} /> : null}
    </Box>
  );
}

import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { type Liveness, useLiveness } from "~/api/live";

const SAYS: Record<Liveness, { word: string; color: string; more: string }> = {
  connecting: {
    word: "Connecting",
    color: "text.secondary",
    more: "Live changes begin in a moment.",
  },
  live: {
    word: "Live",
    color: "success.main",
    more: "What changes is shown as it happens.",
  },
  degraded: {
    word: "Live, starts are late",
    color: "warning.main",
    more: "The queue is away: work starts later than usual. Nothing is lost.",
  },
  reconnecting: {
    word: "Reconnecting",
    color: "warning.main",
    more: "What is shown may be old. What was missed is caught up with.",
  },
};

export function LiveSign() {
  const { word, color, more } = SAYS[useLiveness()];
  return (
    <Tooltip title={more}>
      <Box
        role="status"
        sx={{
          display: "flex",
          alignItems: "center",
          gap: 0.75,
          fontSize: 12,
          color: "text.secondary",
          whiteSpace: "nowrap",
        }}
      >
        <Box
          aria-hidden
          sx={{ width: 8, height: 8, borderRadius: "50%", bgcolor: color }}
        />
        {word}
      </Box>
    </Tooltip>
  );
}

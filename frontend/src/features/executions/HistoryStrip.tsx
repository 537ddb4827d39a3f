import Box from "@mui/material/Box";
import type { ExecutionRead } from "~/client";
import { colorOf, lookOf } from "~/status";

const SHOWN = 20;

/** The latest outcomes from left to right; each is named in the list below. */
export function HistoryStrip({ items }: { items: readonly ExecutionRead[] }) {
  const shown = items.slice(0, SHOWN).reverse();
  const failed = shown.filter(({ status }) => status === "failed").length;
  return (
    <Box
      role="img"
      aria-label={`${failed} of the last ${shown.length} executions failed`}
      sx={{ display: "flex", gap: "3px" }}
    >
      {shown.map(({ id, status }) => (
        <Box
          key={id}
          sx={{
            width: 5,
            height: status === "failed" || status === "interrupted" ? 18 : 12,
            alignSelf: "end",
            borderRadius: 0.5,
            bgcolor: colorOf(lookOf(status).tone),
          }}
        />
      ))}
    </Box>
  );
}

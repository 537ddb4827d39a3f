import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import type { MetricUsage } from "~/client";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { consequenceOf, partOf, titleOf } from "./consumption";
import { figure } from "./limits";

const COLORS = {
  unlimited: "primary",
  within: "primary",
  near: "warning",
  reached: "error",
} as const;

/** One limit of the plan: how much of it is used, in words and as a bar. */
export function MetricRow({ item }: { item: MetricUsage }) {
  const { metric, used, limit, state, resets_at } = item;
  const part = partOf(item);
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        gap: { xs: 0.5, md: 2 },
        gridTemplateColumns: { md: "4fr 4fr 3fr" },
        alignItems: "start",
        px: 2,
        py: 1.5,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box>
        <Box sx={{ fontWeight: 550 }}>{titleOf(metric)}</Box>
        {resets_at ? (
          <Box sx={{ color: "text.secondary", fontSize: 12 }}>
            begins at 0 again <When at={resets_at} />
          </Box>
        ) : null}
      </Box>
      <Box>
        <Box sx={{ display: "flex", justifyContent: "space-between", gap: 2 }}>
          <span>
            {figure(used)}
            {limit === null ? "" : ` of ${figure(limit)}`}
          </span>
          {part === null ? null : <span>{part} %</span>}
        </Box>
        {part === null ? null : (
          <LinearProgress
            variant="determinate"
            aria-label={titleOf(metric)}
            value={Math.min(part, 100)}
            color={COLORS[state]}
            sx={{ mt: 0.5, height: 6, borderRadius: 3 }}
          />
        )}
      </Box>
      <Box>
        <Status word={state} />
        {consequenceOf(item) ? (
          <Box sx={{ color: "text.secondary" }}>{consequenceOf(item)}</Box>
        ) : null}
      </Box>
    </Box>
  );
}

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Paper from "@mui/material/Paper";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { useId } from "react";
import type { PlanRead } from "~/client";
import { LIMITS, nameOf, valueOf } from "./limits";

type Props = {
  plan: PlanRead;
  /** Sentences: what would not fit into it. */
  tooMuch: readonly string[];
  /** Null where it cannot be chosen, or is had already. */
  choose: { label: string; why: string; busy: boolean; run: () => void } | null;
};

export function PlanCard({ plan, tooMuch, choose }: Props) {
  const id = useId();
  return (
    <Paper
      component="li"
      variant="outlined"
      aria-labelledby={id}
      sx={{
        p: 2,
        display: "flex",
        flexDirection: "column",
        gap: 1.5,
        ...(plan.is_present ? { borderColor: "primary.main", borderWidth: 2 } : {}),
      }}
    >
      <Box sx={{ display: "flex", justifyContent: "space-between", gap: 1 }}>
        <Typography variant="h3" id={id} sx={{ fontSize: "1rem" }}>
          {plan.name}
        </Typography>
        {plan.is_present ? (
          <Box component="span" sx={{ color: "primary.main", fontWeight: 550 }}>
            Your plan
          </Box>
        ) : null}
      </Box>
      <Box
        component="dl"
        sx={{
          m: 0,
          display: "grid",
          gridTemplateColumns: "1fr auto",
          columnGap: 2,
          rowGap: 0.5,
        }}
      >
        {LIMITS.map((limit) => (
          <Box key={limit} sx={{ display: "contents" }}>
            <Box component="dt" sx={{ color: "text.secondary" }}>
              {nameOf(limit)}
            </Box>
            <Box component="dd" sx={{ m: 0, textAlign: "right" }}>
              {valueOf(limit, plan.limits[limit])}
            </Box>
          </Box>
        ))}
      </Box>
      {tooMuch.length > 0 ? (
        <Box>
          <Box sx={{ color: "warning.main", fontWeight: 550 }}>
            Smaller than what you have
          </Box>
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {tooMuch.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </Box>
        </Box>
      ) : null}
      {choose ? (
        <Tooltip title={choose.why}>
          <Box component="span" sx={{ mt: "auto" }}>
            <Button
              variant="contained"
              fullWidth
              disabled={Boolean(choose.why) || choose.busy}
              onClick={choose.run}
            >
              {choose.label}
            </Button>
          </Box>
        </Tooltip>
      ) : null}
    </Paper>
  );
}

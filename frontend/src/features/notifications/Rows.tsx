import Box from "@mui/material/Box";
import type { ReactNode } from "react";

/** A list, one thing a row. */
export function Rows({ children }: { children: ReactNode }) {
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {children}
    </Box>
  );
}

type RowProps = { lead: ReactNode; middle: ReactNode; acts?: ReactNode };

/** What it is, how it stands, and what can be done with it. */
export function Row({ lead, middle, acts }: RowProps) {
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        gap: { xs: 1, md: 2 },
        gridTemplateColumns: { md: "5fr 6fr minmax(200px, auto)" },
        alignItems: "start",
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ minWidth: 0 }}>{lead}</Box>
      <Box sx={{ minWidth: 0 }}>{middle}</Box>
      <Box
        sx={{
          display: "flex",
          gap: 1,
          alignItems: "center",
          justifyContent: { md: "flex-end" },
        }}
      >
        {acts}
      </Box>
    </Box>
  );
}

/** A second line under a name. */
export function Under({ children }: { children: ReactNode }) {
  return (
    <Box sx={{ color: "text.secondary", fontSize: 12, overflowWrap: "anywhere" }}>
      {children}
    </Box>
  );
}

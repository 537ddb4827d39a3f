import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import type { AuditEventRead } from "~/client";
import { When } from "~/parts/When";
import { gist, subjectInWords } from "./words";

type Props = { event: AuditEventRead; who: string; title: ReactNode };

export function EventRow({ event, who, title }: Props) {
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        columnGap: 2,
        rowGap: 0.25,
        gridTemplateColumns: { xs: "1fr auto", md: "3fr 2fr 4fr 1fr" },
        px: 2,
        py: 1,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>{title}</Box>
      <Box
        sx={{
          gridRow: { xs: 2, md: "auto" },
          overflowWrap: "anywhere",
          minWidth: 0,
        }}
      >
        {who}
      </Box>
      <Box
        sx={{
          gridRow: { xs: 3, md: "auto" },
          gridColumn: { xs: "1 / 3", md: "auto" },
          color: "text.secondary",
          minWidth: 0,
          overflow: "hidden",
          textOverflow: "ellipsis",
          whiteSpace: "nowrap",
        }}
      >
        {subjectInWords(event.subject_type)}
        {gist(event.detail) ? ` · ${gist(event.detail)}` : null}
      </Box>
      <Box
        sx={{
          gridRow: { xs: 1, md: "auto" },
          gridColumn: { xs: 2, md: "auto" },
          color: "text.secondary",
          textAlign: "right",
        }}
      >
        <When at={event.at} />
      </Box>
    </Box>
  );
}

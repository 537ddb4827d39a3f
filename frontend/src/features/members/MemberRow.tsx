import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import type { ReactNode } from "react";
import type { MemberRead } from "~/client";
import { limitInWords } from "~/parts/limits";
import { When } from "~/parts/When";
import { ROLES } from "./roles";

type Props = { member: MemberRead; isOneself: boolean; action: ReactNode };

export function MemberRow({ member, isOneself, action }: Props) {
  const { name, email, role, label_scope, expires_at, created_at } = member;
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        columnGap: 2,
        rowGap: 0.25,
        alignItems: "center",
        gridTemplateColumns: { xs: "1fr auto", md: "4fr 1fr 4fr auto" },
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
        <Box sx={{ fontWeight: 550 }}>
          {name}
          {isOneself ? (
            <Chip
              size="small"
              variant="outlined"
              label="you"
              sx={{ ml: 1, height: 20 }}
            />
          ) : null}
        </Box>
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>{email}</Box>
      </Box>
      <Box sx={{ gridRow: { xs: 2, md: "auto" } }}>{ROLES[role].label}</Box>
      <Box
        sx={{
          gridRow: { xs: 3, md: "auto" },
          color: "text.secondary",
          overflowWrap: "anywhere",
        }}
      >
        {label_scope ? `Only accounts with ${limitInWords(label_scope)}` : "All accounts"}
        <Box sx={{ fontSize: 12 }}>
          Member since <When at={created_at} />
          {expires_at ? (
            <>
              , until <When at={expires_at} />
            </>
          ) : null}
        </Box>
      </Box>
      <Box sx={{ gridRow: 1, gridColumn: { xs: 2, md: 4 } }}>{action}</Box>
    </Box>
  );
}

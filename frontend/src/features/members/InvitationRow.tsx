import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import type { InvitationRead } from "~/client";
import { limitInWords } from "~/parts/limits";
import { When } from "~/parts/When";
import { ROLES } from "./roles";

const WORDS: Readonly<Record<InvitationRead["status"], string>> = {
  open: "Waits for an answer",
  accepted: "Accepted",
  withdrawn: "Withdrawn",
  expired: "Expired",
};

type Props = { invitation: InvitationRead; action: ReactNode };

export function InvitationRow({ invitation, action }: Props) {
  const { email, role, label_scope, created_at, expires_at, status } = invitation;
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        flexWrap: "wrap",
        gap: 1,
        alignItems: "center",
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ flex: "1 1 240px", minWidth: 0, overflowWrap: "anywhere" }}>
        <Box sx={{ fontWeight: 550 }}>{email}</Box>
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          {ROLES[role].label}
          {label_scope ? `, only accounts with ${limitInWords(label_scope)}` : null} ·
          invited <When at={created_at} />
        </Box>
      </Box>
      <Box sx={{ color: "text.secondary" }}>
        {WORDS[status]}
        {status === "open" ? (
          <>
            ; the link ends <When at={expires_at} />
          </>
        ) : null}
      </Box>
      {action}
    </Box>
  );
}

import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import { TextLink } from "~/parts/links";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { type Seen, verdictOf } from "./matching";

/** An account, its labels, and how it is. */
export function AccountRow({ of }: { of: Seen }) {
  const { account, health } = of;
  const verdict = verdictOf(of);
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        flexWrap: "wrap",
        gap: 1.5,
        alignItems: "center",
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ flex: "1 1 220px", minWidth: 0 }}>
        <TextLink
          underline="hover"
          to="/accounts/$id"
          params={{ id: account.id }}
          sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
        >
          {account.name}
        </TextLink>
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          {account.account_id}
          {account.paused_at ? " · paused: the plan allows fewer accounts" : null}
        </Box>
      </Box>
      <Box sx={{ display: "flex", gap: 0.5, flexWrap: "wrap" }}>
        {Object.entries(account.labels).map(([key, value]) => (
          <Chip key={key} size="small" variant="outlined" label={`${key}: ${value}`} />
        ))}
      </Box>
      <Box sx={{ textAlign: { sm: "right" } }}>
        {verdict ? (
          <Status word={verdict} reason={account.connected ? null : "disconnected"} />
        ) : null}
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          {health ? <When at={health.as_of} none="not looked at" /> : null}
        </Box>
      </Box>
    </Box>
  );
}

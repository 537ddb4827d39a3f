import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import type { ApiKeyRead } from "~/client";
import { When } from "~/parts/When";
import { kindInWords, stateInWords } from "./state";

type Props = { apiKey: ApiKeyRead; title: ReactNode; action: ReactNode };

export function KeyRow({ apiKey, title, action }: Props) {
  const { prefix, scopes, allowed_addresses, expires_at, last_used_at, state } = apiKey;
  const from = allowed_addresses?.length ?? 0;
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        columnGap: 2,
        rowGap: 0.5,
        alignItems: "center",
        gridTemplateColumns: { xs: "1fr auto", md: "4fr 3fr 3fr auto" },
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
        {title}
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          {kindInWords(apiKey)} · {prefix}…
        </Box>
      </Box>
      <Box sx={{ gridRow: { xs: 2, md: "auto" }, color: "text.secondary" }}>
        {scopes.length === 1 ? "1 scope" : `${scopes.length} scopes`},{" "}
        {from === 0
          ? "from everywhere"
          : `from ${from} ${from === 1 ? "address" : "addresses"}`}
      </Box>
      <Box sx={{ gridRow: { xs: 3, md: "auto" }, color: "text.secondary" }}>
        Last used <When at={last_used_at} />
        <Box sx={{ fontSize: 12 }}>
          {state === "active" ? (
            expires_at ? (
              <>
                Ends <When at={expires_at} />
              </>
            ) : (
              "Does not end"
            )
          ) : (
            stateInWords(apiKey)
          )}
        </Box>
      </Box>
      <Box sx={{ gridRow: 1, gridColumn: { xs: 2, md: 4 } }}>{action}</Box>
    </Box>
  );
}

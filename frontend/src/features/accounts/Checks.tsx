import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import type { CredentialsRead } from "~/client";
import { StatusIcon } from "~/parts/Status";

/** What the verification tried, one line a step. */
export function Checks({ credentials }: { credentials: CredentialsRead }) {
  const { checks, verification_pending, status } = credentials;
  const isPending = verification_pending || status === "pending";
  return (
    <Box aria-live="polite">
      {isPending ? (
        <Box sx={{ mb: 2 }}>
          <Box sx={{ mb: 1 }}>We try the way in now; that takes a few seconds.</Box>
          <LinearProgress aria-label="Verifying" />
        </Box>
      ) : null}
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
        {checks.map(({ check, outcome, detail, error }) => (
          <Box component="li" key={check} sx={{ display: "flex", gap: 1 }}>
            <Box sx={{ pt: 0.25 }}>
              <StatusIcon word={outcome} of={check.replaceAll("_", " ")} />
            </Box>
            <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
              {detail}
              {error ? (
                <Box sx={{ color: "text.secondary" }}>
                  {error.code}: {error.advice}
                </Box>
              ) : null}
            </Box>
          </Box>
        ))}
      </Box>
    </Box>
  );
}

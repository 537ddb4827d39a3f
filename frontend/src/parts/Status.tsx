import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { colorOf, lookOf } from "~/status";

type Props = { word: string; reason?: string | null };

/** A status as its icon and word; the reason, where there is one, stands beside it. */
export function Status({ word, reason }: Props) {
  const { label, tone, Icon } = lookOf(word);
  const said = reason ? reason.replaceAll("_", " ") : null;
  return (
    <Box
      component="span"
      sx={{
        display: "inline-flex",
        alignItems: "center",
        gap: 0.75,
        whiteSpace: "nowrap",
      }}
    >
      <Icon aria-hidden sx={{ fontSize: 16, color: colorOf(tone), flexShrink: 0 }} />
      <span>
        {label}
        {said ? (
          <Box component="span" sx={{ color: "text.secondary" }}>
            {" "}
            ({said})
          </Box>
        ) : null}
      </span>
    </Box>
  );
}

/** The icon alone, named for who cannot see it. */
export function StatusIcon({ word, of }: { word: string; of: string }) {
  const { label, tone, Icon } = lookOf(word);
  const name = `${of}: ${label}`;
  return (
    <Tooltip title={name}>
      <Icon
        titleAccess={name}
        sx={{ fontSize: 16, color: colorOf(tone), display: "block" }}
      />
    </Tooltip>
  );
}

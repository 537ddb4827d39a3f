import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { absolute, relative } from "./time";
import { useNow } from "./useNow";

/** Relative, with the instant on hover and focus. */
export function When({
  at,
  none = "never",
}: {
  at: string | null | undefined;
  none?: string;
}) {
  const now = useNow();
  if (!at)
    return (
      <Box component="span" sx={{ color: "text.secondary" }}>
        {none}
      </Box>
    );
  return (
    <Tooltip title={`${absolute(at)} · ${at}`}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {relative(at, now)}
      </time>
    </Tooltip>
  );
}

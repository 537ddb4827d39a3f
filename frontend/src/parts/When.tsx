import Box from "@mui/material/Box";
import Tooltip from "@mui/material/Tooltip";
import { useEffect, useState } from "react";
import { absolute, relative } from "./time";

const TICK_MS = 20_000;

/** Relative, with the instant on hover and focus. */
export function When({
  at,
  none = "never",
}: {
  at: string | null | undefined;
  none?: string;
}) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  if (!at)
    return (
      <Box component="span" sx={{ color: "text.secondary" }}>
        {none}
      </Box>
    );
  return (
    <Tooltip title={`${absolute(at)} · ${at}`}>
      <Box component="time" dateTime={at} sx={{ whiteSpace: "nowrap" }}>
        {relative(at, now)}
      </Box>
    </Tooltip>
  );
}

import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";

type Props = { title: string; text: string; action?: ReactNode };

/** Why there is nothing, and the one next step. */
export function Empty({ title, text, action }: Props) {
  return (
    <Box sx={{ py: 5, px: 2, textAlign: "center", maxWidth: 460, mx: "auto" }}>
      <Typography component="p" variant="h2">
        {title}
      </Typography>
      <Typography sx={{ color: "text.secondary", mt: 0.5, mb: action ? 2 : 0 }}>
        {text}
      </Typography>
      {action}
    </Box>
  );
}

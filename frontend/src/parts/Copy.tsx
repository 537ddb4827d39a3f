import ContentCopy from "@mui/icons-material/ContentCopy";
import Done from "@mui/icons-material/Done";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";

const SHOWN_MS = 2_000;

function useCopy(text: string) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return { copied, copy };
}

export function CopyIcon({ text, what }: { text: string; what: string }) {
  const { copied, copy } = useCopy(text);
  const name = copied ? "Copied" : `Copy ${what}`;
  return (
    <Tooltip title={name}>
      <IconButton size="small" aria-label={name} onClick={() => void copy()}>
        {copied ? <Done fontSize="inherit" /> : <ContentCopy fontSize="inherit" />}
      </IconButton>
    </Tooltip>
  );
}

/** A text to be carried elsewhere, as it is, with a button that takes it along. */
export function CopyBlock({ text, what }: { text: string; what: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <Box sx={{ border: 1, borderColor: "divider", borderRadius: 1, overflow: "hidden" }}>
      <Box
        component="pre"
        // Scrolls, so the keyboard must be able to reach it.
        tabIndex={0}
        role="region"
        aria-label={what}
        sx={{
          m: 0,
          p: 1.5,
          fontSize: 12,
          maxHeight: 260,
          overflow: "auto",
          bgcolor: "background.default",
        }}
      >
        {text}
      </Box>
      <Box sx={{ borderTop: 1, borderColor: "divider", p: 0.5 }}>
        <Button
          size="small"
          startIcon={copied ? <Done /> : <ContentCopy />}
          onClick={() => void copy()}
        >
          {copied ? "Copied" : `Copy ${what}`}
        </Button>
      </Box>
    </Box>
  );
}

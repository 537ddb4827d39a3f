import Box from "@mui/material/Box";
import type { FieldChange } from "./differences";

/** Each field that differs: what it was, and what it is. */
export function FieldChanges({ fields }: { fields: readonly FieldChange[] }) {
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1 }}>
      {fields.map(({ pointer, before, after }) => (
        <Box component="li" key={pointer} sx={{ fontSize: 12, minWidth: 0 }}>
          <Box sx={{ fontWeight: 550, overflowWrap: "anywhere" }}>{pointer}</Box>
          <Box
            sx={{
              display: "grid",
              gap: { xs: 0.25, sm: 2 },
              gridTemplateColumns: { sm: "1fr 1fr" },
            }}
          >
            <Value word="was" value={before} tone="error.main" />
            <Value word="is" value={after} tone="success.main" />
          </Box>
        </Box>
      ))}
    </Box>
  );
}

type Props = { word: string; value: unknown; tone: string };

function Value({ word, value, tone }: Props) {
  const isNothing = Array.isArray(value) && value.length === 0;
  const isMissing = value === null || value === undefined || isNothing;
  return (
    <Box
      sx={{
        borderLeft: 2,
        borderColor: tone,
        pl: 1,
        minWidth: 0,
        display: "flex",
        gap: 1,
      }}
    >
      <Box component="span" sx={{ color: "text.secondary", flexShrink: 0 }}>
        {word}
      </Box>
      <Box
        component="span"
        sx={{
          minWidth: 0,
          overflowWrap: "anywhere",
          whiteSpace: "pre-wrap",
          color: isMissing ? "text.secondary" : undefined,
          fontFamily: isMissing ? undefined : "monospace",
        }}
      >
        {isNothing ? "nothing" : isMissing ? "not there" : textOf(value)}
      </Box>
    </Box>
  );
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);

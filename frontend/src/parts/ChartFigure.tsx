import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import { type ReactNode, Suspense, useState } from "react";

export const CHART_HEIGHT = 180;

/** The first cell of each line is its heading. */
type Table = { label: string; heads: readonly string[]; lines: string[][] };

type Props = {
  /** What the picture says, in a sentence. */
  said: string;
  /** What it does not say. */
  note?: ReactNode;
  table: Table;
  /** The picture, whose chart is heavy and comes late. */
  children: ReactNode;
};

/** A chart with its words, and as a table for whom it is no picture. */
export function ChartFigure({ said, note, table, children }: Props) {
  const [isTable, setTable] = useState(false);
  return (
    <Box component="figure" sx={{ m: 0 }}>
      <Box
        component="figcaption"
        sx={{ display: "flex", gap: 1, alignItems: "center", flexWrap: "wrap", mb: 1 }}
      >
        <Box sx={{ flex: "1 1 240px" }}>
          {said}{" "}
          <Box component="span" sx={{ color: "text.secondary" }}>
            {note}
          </Box>
        </Box>
        <Button size="small" aria-expanded={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? "As a picture" : "As a table"}
        </Button>
      </Box>
      {isTable ? (
        <Lines table={table} />
      ) : (
        <Suspense
          fallback={<Skeleton height={CHART_HEIGHT} sx={{ transform: "none" }} />}
        >
          {children}
        </Suspense>
      )}
    </Box>
  );
}

const CELL = { px: 1.5, py: 0.5, textAlign: "left", fontWeight: 450 } as const;

function Lines({ table: { label, heads, lines } }: { table: Table }) {
  return (
    <Box
      role="region"
      aria-label={label}
      tabIndex={0}
      sx={{ maxHeight: 2 * CHART_HEIGHT, overflow: "auto" }}
    >
      <Box component="table" sx={{ borderCollapse: "collapse", fontSize: 12, width: 1 }}>
        <thead>
          <tr>
            {heads.map((name) => (
              <Box
                component="th"
                scope="col"
                key={name}
                sx={{ ...CELL, color: "text.secondary" }}
              >
                {name}
              </Box>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(([lead, ...cells], row) => (
            <Box component="tr" key={row} sx={{ borderTop: 1, borderColor: "divider" }}>
              <Box component="th" scope="row" sx={{ ...CELL, whiteSpace: "nowrap" }}>
                {lead}
              </Box>
              {cells.map((cell, index) => (
                <Box component="td" key={index} sx={CELL}>
                  {cell}
                </Box>
              ))}
            </Box>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}

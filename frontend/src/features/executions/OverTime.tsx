import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import { lazy, Suspense, useMemo, useState } from "react";
import type { ExecutionRead } from "~/client";
import { lookOf } from "~/status";
import { OUTCOMES, overTime, type Span, secondsInWords, summary } from "./overTime";

// Charts are heavy, and nothing waits for them.
const OutcomesChart = lazy(() => import("./OutcomesChart"));
const DurationChart = lazy(() => import("./DurationChart"));

type Props = {
  items: readonly ExecutionRead[];
  from: Date;
  until: Date;
  /** Not all of that time could be read: what is missing is said. */
  note?: string;
  withDuration?: boolean;
};

const HEIGHT = 180;
const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const HOUR = new Intl.DateTimeFormat("en", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** How executions ended over time, and how long they took; as a picture and as a table. */
export function OverTime({ items, from, until, note, withDuration = false }: Props) {
  const [isTable, setTable] = useState(false);
  const { step, spans } = useMemo(
    () => overTime(items, from, until),
    [items, from, until],
  );
  const labels = spans.map((one) => (step === "hour" ? HOUR : DAY).format(one.from));
  const said = summary(spans);
  const waiting = <Skeleton height={HEIGHT} sx={{ transform: "none" }} />;
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
        <Rows spans={spans} labels={labels} withDuration={withDuration} />
      ) : (
        <Suspense fallback={waiting}>
          <Box role="img" aria-label={`Each ${step}: how executions ended. ${said}`}>
            <OutcomesChart spans={spans} labels={labels} height={HEIGHT} />
          </Box>
          {withDuration ? (
            <Box role="img" aria-label={`Each ${step}: ${durations(spans)}`}>
              <Box sx={{ color: "text.secondary", mt: 1 }}>
                How long those took that succeeded
              </Box>
              <DurationChart spans={spans} labels={labels} height={HEIGHT} />
            </Box>
          ) : null}
        </Suspense>
      )}
    </Box>
  );
}

function durations(spans: readonly Span[]): string {
  const known = spans.flatMap(({ median }) => (median === null ? [] : [median]));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return "none succeeded.";
  return `the median duration went from ${secondsInWords(first)} to ${secondsInWords(last)}.`;
}

const CELL = { px: 1.5, py: 0.5, textAlign: "left", fontWeight: 450 } as const;

type RowsProps = {
  spans: readonly Span[];
  labels: readonly string[];
  withDuration: boolean;
};

function Rows({ spans, labels, withDuration }: RowsProps) {
  const lines = spans.map((one, index) => ({ one, label: labels[index] })).reverse();
  return (
    <Box
      role="region"
      aria-label="Executions over time"
      tabIndex={0}
      sx={{ maxHeight: 2 * HEIGHT, overflow: "auto" }}
    >
      <Box component="table" sx={{ borderCollapse: "collapse", fontSize: 12, width: 1 }}>
        <thead>
          <tr>
            {["From", "Ended", ...(withDuration ? ["Median", "Longest"] : [])].map(
              (name) => (
                <Box
                  component="th"
                  scope="col"
                  key={name}
                  sx={{ ...CELL, color: "text.secondary" }}
                >
                  {name}
                </Box>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ one, label }) => (
            <Box
              component="tr"
              key={one.from.getTime()}
              sx={{ borderTop: 1, borderColor: "divider" }}
            >
              <Box component="th" scope="row" sx={{ ...CELL, whiteSpace: "nowrap" }}>
                {label}
              </Box>
              <Box component="td" sx={CELL}>
                {OUTCOMES.filter((word) => one.counts[word])
                  .map(
                    (word) => `${one.counts[word]} ${lookOf(word).label.toLowerCase()}`,
                  )
                  .join(", ") || "nothing ran"}
              </Box>
              {withDuration
                ? [one.median, one.longest].map((seconds, index) => (
                    <Box component="td" key={index} sx={CELL}>
                      {seconds === null ? "–" : secondsInWords(seconds)}
                    </Box>
                  ))
                : null}
            </Box>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}

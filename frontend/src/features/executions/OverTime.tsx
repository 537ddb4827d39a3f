import Box from "@mui/material/Box";
import { lazy, useMemo } from "react";
import type { ExecutionRead } from "~/client";
import { CHART_HEIGHT, ChartFigure } from "~/parts/ChartFigure";
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

const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const HOUR = new Intl.DateTimeFormat("en", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** How executions ended over time, and how long they took; as a picture and as a table. */
export function OverTime({ items, from, until, note, withDuration = false }: Props) {
  const { step, spans } = useMemo(
    () => overTime(items, from, until),
    [items, from, until],
  );
  const labels = spans.map((one) => (step === "hour" ? HOUR : DAY).format(one.from));
  const said = summary(spans);
  const table = {
    label: "Executions over time",
    heads: ["From", "Ended", ...(withDuration ? ["Median", "Longest"] : [])],
    lines: spans
      .map((one, index) => [
        labels[index] ?? "",
        endedOf(one),
        ...(withDuration ? [one.median, one.longest].map(tookOf) : []),
      ])
      .reverse(),
  };
  return (
    <ChartFigure said={said} note={note} table={table}>
      <Box role="img" aria-label={`Each ${step}: how executions ended. ${said}`}>
        <OutcomesChart spans={spans} labels={labels} height={CHART_HEIGHT} />
      </Box>
      {withDuration ? (
        <Box role="img" aria-label={`Each ${step}: ${durations(spans)}`}>
          <Box sx={{ color: "text.secondary", mt: 1 }}>
            How long those took that succeeded
          </Box>
          <DurationChart spans={spans} labels={labels} height={CHART_HEIGHT} />
        </Box>
      ) : null}
    </ChartFigure>
  );
}

function durations(spans: readonly Span[]): string {
  const known = spans.flatMap(({ median }) => (median === null ? [] : [median]));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return "none succeeded.";
  return `the median duration went from ${secondsInWords(first)} to ${secondsInWords(last)}.`;
}

const endedOf = ({ counts }: Span): string =>
  OUTCOMES.filter((word) => counts[word])
    .map((word) => `${counts[word]} ${lookOf(word).label.toLowerCase()}`)
    .join(", ") || "nothing ran";

const tookOf = (seconds: number | null): string =>
  seconds === null ? "–" : secondsInWords(seconds);

import { BarChart } from "@mui/x-charts/BarChart";
import { fillOf, lookOf } from "~/status";
import { OUTCOMES, type Span } from "./overTime";

type Props = { spans: readonly Span[]; labels: readonly string[]; height: number };

/** Stacked by outcome; a span in which nothing ran has no bar. */
export default function OutcomesChart({ spans, labels, height }: Props) {
  const shown = OUTCOMES.filter((word) => spans.some(({ counts }) => counts[word]));
  return (
    <BarChart
      height={height}
      skipAnimation
      margin={{ left: 0, right: 8, top: 8, bottom: 0 }}
      xAxis={[{ data: [...labels], scaleType: "band", tickLabelMinGap: 16 }]}
      yAxis={[{ tickMinStep: 1, width: 40 }]}
      grid={{ horizontal: true }}
      series={shown.map((word) => ({
        label: lookOf(word).label,
        color: fillOf(word),
        stack: "all",
        data: spans.map(({ counts }) => counts[word] ?? null),
      }))}
    />
  );
}

import { BarChart } from "@mui/x-charts/BarChart";
import { fillOf, lookOf } from "~/status";
import type { Line } from "./counts";

type Props = { lines: readonly Line[]; verdicts: readonly string[]; height: number };

/** A bar for each service, stacked by verdict. */
export default function CountsChart({ lines, verdicts, height }: Props) {
  return (
    <BarChart
      layout="horizontal"
      height={height}
      skipAnimation
      margin={{ left: 0, right: 16, top: 0, bottom: 0 }}
      yAxis={[
        { data: lines.map(({ service }) => service), scaleType: "band", width: 130 },
      ]}
      xAxis={[{ tickMinStep: 1 }]}
      grid={{ vertical: true }}
      series={verdicts.map((word) => ({
        label: lookOf(word).label,
        color: fillOf(word),
        stack: "all",
        data: lines.map(({ counts }) => counts[word] ?? null),
      }))}
    />
  );
}

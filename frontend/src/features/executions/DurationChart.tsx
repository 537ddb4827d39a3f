import { LineChart } from "@mui/x-charts/LineChart";
import { type Span, secondsInWords } from "./overTime";

type Props = { spans: readonly Span[]; labels: readonly string[]; height: number };

const said = (seconds: number | null) =>
  seconds === null ? "" : secondsInWords(seconds);

/** A span in which nothing succeeded is a gap: no line is drawn over it. */
export default function DurationChart({ spans, labels, height }: Props) {
  return (
    <LineChart
      height={height}
      skipAnimation
      margin={{ left: 0, right: 40, top: 8, bottom: 0 }}
      xAxis={[{ data: [...labels], scaleType: "point", tickLabelMinGap: 16 }]}
      yAxis={[
        { min: 0, width: 56, valueFormatter: (value: number) => secondsInWords(value) },
      ]}
      grid={{ horizontal: true }}
      series={[
        {
          label: "Median",
          color: "var(--mui-palette-primary-main)",
          data: spans.map(({ median }) => median),
          connectNulls: false,
          showMark: true,
          curve: "linear",
          valueFormatter: said,
        },
        {
          label: "Longest",
          color: "var(--mui-palette-warning-main)",
          data: spans.map(({ longest }) => longest),
          connectNulls: false,
          showMark: true,
          shape: "square",
          curve: "linear",
          valueFormatter: said,
        },
      ]}
    />
  );
}

import { LineChart } from "@mui/x-charts/LineChart";
import type { DayCount } from "~/client";

type Props = { days: readonly DayCount[]; labels: readonly string[]; height: number };

/** A day on which not all was read is a gap: no line is drawn over it. */
export default function DaysChart({ days, labels, height }: Props) {
  return (
    <LineChart
      height={height}
      skipAnimation
      hideLegend
      margin={{ left: 0, right: 40, top: 8, bottom: 0 }}
      xAxis={[{ data: [...labels], scaleType: "point", tickLabelMinGap: 16 }]}
      yAxis={[{ min: 0, tickMinStep: 1, width: 56 }]}
      grid={{ horizontal: true }}
      series={[
        {
          label: "Resources",
          color: "var(--mui-palette-primary-main)",
          data: days.map(({ resources }) => resources),
          connectNulls: false,
          showMark: true,
          curve: "linear",
        },
      ]}
    />
  );
}

import { BarChart } from "@mui/x-charts/BarChart";
import { ChartsReferenceLine } from "@mui/x-charts/ChartsReferenceLine";
import { figure } from "./limits";

type Props = {
  title: string;
  values: readonly number[];
  labels: readonly string[];
  limit: number | null;
  height: number;
};

const ROOM = 1.15;

/** A bar for each month, and the limit as a line where there is one. */
export default function MonthsChart({ title, values, labels, limit, height }: Props) {
  const top = Math.max(1, limit ?? 0, ...values) * ROOM;
  return (
    <BarChart
      height={height}
      skipAnimation
      hideLegend
      margin={{ left: 0, right: 8, top: 8, bottom: 0 }}
      xAxis={[{ data: [...labels], scaleType: "band", tickLabelMinGap: 16 }]}
      yAxis={[{ min: 0, max: top, tickMinStep: 1, width: 72 }]}
      grid={{ horizontal: true }}
      series={[
        { label: title, color: "var(--mui-palette-primary-main)", data: [...values] },
      ]}
    >
      {limit === null ? null : (
        <ChartsReferenceLine
          y={limit}
          label={`Limit ${figure(limit)}`}
          labelAlign="start"
          lineStyle={{ stroke: "var(--mui-palette-error-main)", strokeDasharray: "6 4" }}
        />
      )}
    </BarChart>
  );
}

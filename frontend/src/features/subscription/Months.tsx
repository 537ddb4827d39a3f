import Box from "@mui/material/Box";
import { lazy } from "react";
import type { MetricUsage, MonthUsage } from "~/client";
import { CHART_HEIGHT, ChartFigure } from "~/parts/ChartFigure";
import { figure } from "./limits";
import { limitOf, MONTHLY, monthOf, monthsInWords, usedOf } from "./months";

// Charts are heavy, and nothing waits for them.
const MonthsChart = lazy(() => import("./MonthsChart"));

type Props = { months: readonly MonthUsage[]; items: readonly MetricUsage[] };

/** What each month used, against the limits that the plan has now. */
export function Months({ months, items }: Props) {
  const labels = months.map(monthOf);
  return (
    <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { md: "1fr 1fr" } }}>
      {MONTHLY.map((one) => {
        const limit = limitOf(items, one);
        const said = monthsInWords(months, one, limit);
        const isOfRuns = one.member === "executions";
        const table = {
          label: `${one.title} by month`,
          heads: ["Month (UTC)", one.title, ...(isOfRuns ? ["Did not run"] : [])],
          lines: months
            .map((month, index) => [
              labels[index] ?? "",
              usedOf(month[one.member], limit),
              ...(isOfRuns ? [figure(month.executions_refused)] : []),
            ])
            .reverse(),
        };
        return (
          <ChartFigure key={one.metric} said={said} table={table}>
            <Box role="img" aria-label={`${one.title} by month. ${said}`}>
              <MonthsChart
                title={one.title}
                values={months.map((month) => month[one.member])}
                labels={labels}
                limit={limit}
                height={CHART_HEIGHT}
              />
            </Box>
          </ChartFigure>
        );
      })}
    </Box>
  );
}

import Box from "@mui/material/Box";
import { lazy } from "react";
import type { ResourceCounts } from "~/client";
import { CHART_HEIGHT, ChartFigure } from "~/parts/ChartFigure";
import { Empty } from "~/parts/Empty";
import { cellOf, labelOf, lackingOf, summaryOf } from "./days";

// Charts are heavy, and nothing waits for them.
const DaysChart = lazy(() => import("./DaysChart"));

/** How many resources there were, with a gap where not all was read. */
export function OverDays({ counts }: { counts: ResourceCounts }) {
  const { days, units_never_read } = counts;
  const note = lackingOf(days, units_never_read);
  if (days.every(({ units }) => units === 0)) {
    return <Empty title="Nothing was read in these days" text={note} />;
  }
  const said = summaryOf(days);
  const labels = days.map(labelOf);
  const table = {
    label: "Resources over time",
    heads: ["Day (UTC)", "Resources"],
    lines: days.map((one) => [labelOf(one), cellOf(one)]).reverse(),
  };
  return (
    <ChartFigure said={said} note={note} table={table}>
      <Box role="img" aria-label={`Each day: how many resources there were. ${said}`}>
        <DaysChart days={days} labels={labels} height={CHART_HEIGHT} />
      </Box>
    </ChartFigure>
  );
}

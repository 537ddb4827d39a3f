import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { lazy, Suspense } from "react";
import type { ServiceHealthRead } from "~/client";
import { countedOf, inWords } from "./counts";

// Charts are heavy, and nothing waits for them.
const CountsChart = lazy(() => import("./CountsChart"));

const LINE = 26;
const BESIDES = 70;

/** Resources of each service by verdict. What was not read has no bar, and is named; the
 * list below says the same in words. */
export function HealthByService({
  services,
}: {
  services: readonly ServiceHealthRead[];
}) {
  const { lines, notCounted, verdicts } = countedOf(services);
  if (lines.length < 2) return null;
  const height = lines.length * LINE + BESIDES;
  return (
    <Box component="figure" sx={{ m: 0, p: 2, borderBottom: 1, borderColor: "divider" }}>
      <Suspense fallback={<Skeleton height={height} sx={{ transform: "none" }} />}>
        <Box
          role="img"
          aria-label={`Resources by service and verdict. ${inWords(lines)}`}
        >
          <CountsChart lines={lines} verdicts={verdicts} height={height} />
        </Box>
      </Suspense>
      {notCounted.length > 0 ? (
        <Box component="figcaption" sx={{ color: "text.secondary", fontSize: 12, mt: 1 }}>
          Nothing was counted of {new Intl.ListFormat("en").format(notCounted)}.
        </Box>
      ) : null}
    </Box>
  );
}

import Box from "@mui/material/Box";
import type { UnitRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { Status } from "~/parts/Status";
import { duration } from "~/parts/time";

/** What one unit did and counted, and the requests that AWS answered. */
export function UnitDetail({ unit }: { unit: UnitRead }) {
  const { started_at, finished_at, answers, counts } = unit;
  const ids = answers ? [...answers.first, ...answers.last] : [];
  const named = [...new Map(ids.map((one) => [one.request_id, one])).values()];
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      <Facts
        facts={[
          ["Status", <Status key="status" word={unit.status} reason={unit.reason} />],
          ...(unit.verdict
            ? [["Verdict", <Status key="verdict" word={unit.verdict} />] as const]
            : []),
          [
            "Calls",
            `${unit.calls}, ${unit.retries} sent again, ${unit.throttled} throttled`,
          ],
          ...(started_at && finished_at
            ? [["Took", duration(started_at, finished_at)] as const]
            : []),
          [
            "Counted",
            Object.entries(counts)
              .map(([word, count]) => `${count} ${word.replaceAll("_", " ")}`)
              .join(", ") || "nothing",
          ],
          ...named
            .slice(0, 5)
            .map((one) => [one.operation, one.request_id ?? "no request id"] as const),
        ]}
      />
    </Box>
  );
}

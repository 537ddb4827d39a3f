import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { type Control, useWatch } from "react-hook-form";
import type { ScheduleDefinition } from "~/client";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { type Definition, scheduleOf } from "./definition";
import { schedulePreview } from "./queries";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const OWN = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** What the schedule means: in words, and the next five runs in its zone and in one's own. */
export function NextRuns({ control }: { control: Control<Definition> }) {
  const typed = useWatch({ control, name: "schedule" });
  const schedule = useDeferredValue(scheduleOf(typed));
  if (!schedule) return <Box sx={{ color: "text.secondary" }}>Not whole yet.</Box>;
  return <Preview schedule={schedule} />;
}

/** "2026-03-29T07:00:00+02:00" as the clock on the wall there shows it. */
const wall = (local: string) => local.slice(0, 16).replace("T", " ");

function Preview({ schedule }: { schedule: ScheduleDefinition }) {
  const { data, error, isPlaceholderData } = useQuery(schedulePreview(schedule));
  if (error) return <TroubleAlert error={error} />;
  if (!data) return <Skeleton height={120} sx={{ transform: "none" }} />;
  const isElsewhere = schedule.timezone !== HERE;
  return (
    <Box aria-live="polite" aria-busy={isPlaceholderData}>
      <Box sx={{ fontWeight: 550, mb: 1 }}>{data.in_words}</Box>
      <Box component="ol" sx={{ m: 0, pl: 2.5, display: "grid", gap: 0.5 }}>
        {data.runs.map(({ utc, local, note }) => (
          <li key={utc}>
            {wall(local)}
            {isElsewhere ? (
              <Box component="span" sx={{ color: "text.secondary" }}>
                {" "}
                · {OWN.format(new Date(utc))} here
              </Box>
            ) : null}
            {note ? <Box sx={{ color: "warning.main" }}>{note}</Box> : null}
          </li>
        ))}
      </Box>
      {data.runs.length === 0 ? (
        <Box sx={{ color: "text.secondary" }}>
          Nothing is planned: it runs when it is started.
        </Box>
      ) : null}
      <Box sx={{ color: "text.secondary", fontSize: 12, mt: 1 }}>
        {data.clock_changes}
      </Box>
    </Box>
  );
}

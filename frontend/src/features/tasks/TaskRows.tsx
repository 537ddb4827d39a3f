import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import type { TaskRead } from "~/client";
import { TextLink } from "~/parts/links";
import { When } from "~/parts/When";

const TYPES: Record<string, string> = {
  health_check: "Health check",
  resource_list: "Inventory",
  rehearsal: "Rehearsal",
};

type Props = {
  items: readonly TaskRead[];
  selected: ReadonlyMap<string, unknown>;
  /** Absent where nothing may be done with several at once. */
  onToggle?: ((task: TaskRead) => void) | undefined;
};

/** Tasks, newest first: what, when, and when next. */
export function TaskRows({ items, selected, onToggle }: Props) {
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {items.map((task) => (
        <Box
          component="li"
          key={task.id}
          sx={{
            display: "grid",
            gap: { xs: 0.25, md: 2 },
            gridTemplateColumns: { md: "5fr 2fr 4fr 2fr" },
            position: "relative",
            pr: 2,
            pl: onToggle ? 6 : 2,
            py: 1.25,
            "& + &": { borderTop: 1, borderColor: "divider" },
          }}
        >
          {onToggle ? (
            <Checkbox
              size="small"
              checked={selected.has(task.id)}
              onChange={() => onToggle(task)}
              slotProps={{ input: { "aria-label": `Select ${task.name}` } }}
              sx={{ position: "absolute", left: 8, top: 3 }}
            />
          ) : null}
          <Box sx={{ minWidth: 0 }}>
            <TextLink
              underline="hover"
              to="/tasks/$id"
              params={{ id: task.id }}
              sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
            >
              {task.name}
            </TextLink>
            <Box sx={{ color: "text.secondary", fontSize: 12 }}>
              {task.services.slice(0, 6).join(", ")}
              {task.services.length > 6 ? ` and ${task.services.length - 6} more` : ""}
            </Box>
          </Box>
          <Box>{TYPES[task.type]}</Box>
          <Box sx={{ color: "text.secondary" }}>{task.schedule_in_words}</Box>
          <Box sx={{ color: "text.secondary" }}>
            {task.enabled ? (
              <When at={task.next_run_at} none="by hand" />
            ) : (
              `paused${task.disabled_reason ? `: ${task.disabled_reason.replaceAll("_", " ")}` : ""}`
            )}
          </Box>
        </Box>
      ))}
    </Box>
  );
}

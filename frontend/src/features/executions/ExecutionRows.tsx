import Box from "@mui/material/Box";
import type { ExecutionRead } from "~/client";
import { TextLink } from "~/parts/links";
import { Status, StatusIcon } from "~/parts/Status";
import { duration } from "~/parts/time";
import { When } from "~/parts/When";

type Props = { items: readonly ExecutionRead[]; names?: "task" | "account" };

/** Executions, newest first; a failure says its code and what is missing. */
export function ExecutionRows({ items, names = "task" }: Props) {
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {items.map((one) => (
        <Box
          component="li"
          key={one.id}
          sx={{
            display: "flex",
            gap: 1.5,
            px: 2,
            py: 1,
            "& + &": { borderTop: 1, borderColor: "divider" },
          }}
        >
          <Box sx={{ pt: 0.375 }}>
            <StatusIcon word={one.status} of="Execution" />
          </Box>
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <TextLink
              underline="hover"
              to="/executions/$id"
              params={{ id: one.id }}
              sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
            >
              {names === "task" ? one.task_name : one.account_name}
            </TextLink>
            <Box sx={{ color: "text.secondary", fontSize: 12, overflowWrap: "anywhere" }}>
              {names === "task" ? `${one.account_name} · ` : null}
              {one.error
                ? `${one.error.code}${one.error.missing_action ? `: ${one.error.missing_action}` : ""}`
                : (one.reason?.replaceAll("_", " ") ?? one.trigger)}
            </Box>
          </Box>
          <Box sx={{ textAlign: "right", fontSize: 12, color: "text.secondary" }}>
            <When at={one.finished_at ?? one.started_at ?? one.created_at} />
            <Box>
              {one.verdict ? (
                <Status word={one.verdict} />
              ) : one.started_at && one.finished_at ? (
                duration(one.started_at, one.finished_at)
              ) : null}
            </Box>
          </Box>
        </Box>
      ))}
    </Box>
  );
}

import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import type { ProblemRead } from "~/client";
import { TextLink } from "~/parts/links";
import { StatusIcon } from "~/parts/Status";
import { When } from "~/parts/When";
import { titleOf } from "./words";

type Props = { problem: ProblemRead; account: string; action?: ReactNode };

export function ProblemRow({ problem, account, action }: Props) {
  const { id, status, count, last_at, error } = problem;
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        gap: 1.5,
        alignItems: "start",
        flexWrap: { xs: "wrap", sm: "nowrap" },
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ pt: 0.25 }}>
        <StatusIcon word={status} of="Problem" />
      </Box>
      <Box sx={{ flex: "1 1 0", minWidth: 200 }}>
        <TextLink
          underline="hover"
          to="/problems/$id"
          params={{ id }}
          sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
        >
          {titleOf(problem)}
        </TextLink>
        <Box sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
          {error.advice}
        </Box>
        <Box sx={{ color: "text.secondary", fontSize: 12, mt: 0.25 }}>
          {account} · {error.service} · {count === 1 ? "once" : `${count} times`}, last{" "}
          <When at={last_at} />
        </Box>
      </Box>
      {action}
    </Box>
  );
}

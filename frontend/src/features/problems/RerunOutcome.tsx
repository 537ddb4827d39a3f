import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import type { Rerun } from "~/client";
import { TextLink } from "~/parts/links";
import { Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { countOf, whyNot } from "./outcome";

type Props = {
  rerun: Rerun;
  /** Of tasks and accounts. */
  names: ReadonlyMap<string, string>;
  busy: boolean;
  onMore: () => void;
};

/** What became of each execution that was to run again. */
export function RerunOutcome({ rerun, names, busy, onMore }: Props) {
  const { items, not_shown } = rerun;
  return (
    <Section
      title={countOf(rerun)}
      padded={false}
      aside={
        not_shown > 0 ? (
          <Button size="small" disabled={busy} onClick={onMore}>
            Run the next ones
          </Button>
        ) : null
      }
    >
      <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
        {items.map((item) => (
          <Box
            component="li"
            key={item.execution_id}
            sx={{
              display: "flex",
              flexWrap: "wrap",
              columnGap: 2,
              rowGap: 0.25,
              px: 2,
              py: 1,
              "& + &": { borderTop: 1, borderColor: "divider" },
            }}
          >
            <Box sx={{ flex: "1 1 240px", minWidth: 0, overflowWrap: "anywhere" }}>
              <TextLink
                underline="hover"
                to="/executions/$id"
                params={{ id: item.new_execution_id ?? item.execution_id }}
                sx={{ fontWeight: 550 }}
              >
                {names.get(item.task_id) ?? "A task"}
              </TextLink>
              <Box component="span" sx={{ color: "text.secondary" }}>
                {" "}
                on {names.get(item.aws_account_id) ?? "an account"}
              </Box>
            </Box>
            {item.outcome === "started" ? (
              <Status word="queued" />
            ) : (
              <Box sx={{ color: "text.secondary" }}>{whyNot(item.outcome)}</Box>
            )}
          </Box>
        ))}
      </Box>
    </Section>
  );
}

import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import type { ExecutionRead } from "~/client";
import { Empty } from "~/parts/Empty";
import { More } from "~/parts/More";
import { Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { absolute } from "~/parts/time";
import { lookOf } from "~/status";
import { ChangeRows } from "./ChangeRows";
import { comparableOf, comparedWith, obstaclesOf } from "./comparison";
import { useComparison, useEarlier } from "./queries";

type Props = {
  execution: ExecutionRead;
  against: string | undefined;
  onChoose: (against: string) => void;
};

/** What changed since an earlier execution: new, gone, and changed in which fields. */
export function Comparison({ execution, against, onChoose }: Props) {
  const earlier = useEarlier(execution);
  const comparable = comparableOf(earlier.data?.items ?? []);
  const other = comparedWith(comparable, against);
  return (
    <Section title="What changed" padded={false}>
      {earlier.error ? (
        <Box sx={{ p: 2 }}>
          <TroubleAlert error={earlier.error} onRetry={() => void earlier.refetch()} />
        </Box>
      ) : null}
      {earlier.isPending ? <Outline /> : null}
      {other ? (
        <>
          <Box sx={{ px: 2, pt: 2, pb: 1 }}>
            <TextField
              select
              label="Compared with"
              value={other}
              onChange={({ target }) => onChoose(target.value)}
              sx={{ maxWidth: 420 }}
            >
              {comparable.some(({ id }) => id === other) ? null : (
                <MenuItem value={other}>The one that the link names</MenuItem>
              )}
              {comparable.map((one) => (
                <MenuItem key={one.id} value={one.id}>
                  {absolute(one.started_at ?? one.created_at)} ·{" "}
                  {lookOf(one.status).label}
                </MenuItem>
              ))}
            </TextField>
          </Box>
          <Changes id={execution.id} against={other} />
        </>
      ) : null}
      {earlier.data && !other ? (
        <Empty
          title="Nothing to compare with"
          text="No earlier execution of this task on this account has read anything."
        />
      ) : null}
    </Section>
  );
}

const Outline = () => (
  <Box aria-busy="true" sx={{ p: 2 }}>
    <Skeleton height={38} sx={{ transform: "none", mb: 1 }} />
    <Skeleton height={38} sx={{ transform: "none" }} />
  </Box>
);

function Changes({ id, against }: { id: string; against: string }) {
  const comparison = useComparison(id, against);
  const items = comparison.data?.pages.flatMap((page) => page.items) ?? [];
  const obstacles = obstaclesOf(comparison.data?.pages[0]?.not_comparable ?? []);
  return (
    <>
      {comparison.error ? (
        <Box sx={{ p: 2 }}>
          <TroubleAlert
            error={comparison.error}
            onRetry={() => void comparison.refetch()}
          />
        </Box>
      ) : null}
      {comparison.isPending ? <Outline /> : null}
      {obstacles.length > 0 ? (
        <Box sx={{ px: 2, pb: 1, color: "text.secondary" }}>
          Not compared, so that nothing here is called gone that was only not read:
          <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
            {obstacles.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </Box>
        </Box>
      ) : null}
      {comparison.data && items.length === 0 ? (
        <Empty title="Nothing changed" text="In all that both have read." />
      ) : null}
      {items.length > 0 ? (
        <>
          <ChangeRows items={items} />
          <More query={comparison} shown={items.length} />
        </>
      ) : null}
    </>
  );
}

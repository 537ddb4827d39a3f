import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import type { ReactNode } from "react";
import { Empty } from "~/parts/Empty";
import { ExportMenu } from "~/parts/ExportMenu";
import { More } from "~/parts/More";
import { Section } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { lookOf } from "~/status";
import { FindingRows, FoundResourceRows } from "./FoundRows";
import { exportFound, useFindings, useFoundResources } from "./queries";

type FindingsProps = {
  id: string;
  /** Those that the execution gave, by its counts. */
  verdicts: readonly string[];
  verdict: string | undefined;
  onVerdict: (verdict: string | undefined) => void;
};

export function Findings({ id, verdicts, verdict, onVerdict }: FindingsProps) {
  const found = useFindings(id, verdict);
  const items = found.data?.pages.flatMap((page) => page.items);
  return (
    <Section
      title="Findings"
      padded={false}
      aside={<ExportMenu ask={exportFound(id, "findings")} what="all findings" />}
    >
      <Box sx={{ px: 2, pt: 2, pb: 1 }}>
        <TextField
          select
          label="Verdict"
          value={verdict ?? ""}
          onChange={({ target }) => onVerdict(target.value || undefined)}
          sx={{ maxWidth: 240 }}
        >
          <MenuItem value="">Any</MenuItem>
          {[...new Set([...verdicts, ...(verdict ? [verdict] : [])])].map((one) => (
            <MenuItem key={one} value={one}>
              {lookOf(one).label}
            </MenuItem>
          ))}
        </TextField>
      </Box>
      <Answer
        found={found}
        items={items}
        empty={
          verdict ? (
            <Empty title="No finding says so" text="Another verdict may." />
          ) : (
            <Empty
              title="No findings"
              text="It read nothing, or there was nothing. The units say which."
            />
          )
        }
      >
        <FindingRows items={items ?? []} />
      </Answer>
    </Section>
  );
}

export function FoundResources({ id }: { id: string }) {
  const found = useFoundResources(id);
  const items = found.data?.pages.flatMap((page) => page.items);
  return (
    <Section
      title="Resources"
      padded={false}
      aside={<ExportMenu ask={exportFound(id, "resources")} what="all resources" />}
    >
      <Answer
        found={found}
        items={items}
        empty={
          <Empty
            title="No resources"
            text="It read nothing, or there was nothing. The units say which."
          />
        }
      >
        <FoundResourceRows items={items ?? []} />
      </Answer>
    </Section>
  );
}

type AnswerProps = {
  found: Parameters<typeof More>[0]["query"] & {
    error: unknown;
    refetch: () => unknown;
  };
  items: readonly unknown[] | undefined;
  empty: ReactNode;
  children: ReactNode;
};

function Answer({ found, items, empty, children }: AnswerProps) {
  return (
    <>
      {found.error ? (
        <Box sx={{ p: 2 }}>
          <TroubleAlert error={found.error} onRetry={() => void found.refetch()} />
        </Box>
      ) : null}
      {items || found.error ? null : (
        <Box aria-busy="true" sx={{ p: 2 }}>
          {Array.from({ length: 5 }, (_, index) => (
            <Skeleton key={index} height={38} sx={{ transform: "none", mb: 1 }} />
          ))}
        </Box>
      )}
      {items?.length === 0 ? empty : null}
      {items && items.length > 0 ? (
        <>
          {children}
          <More query={found} shown={items.length} />
        </>
      ) : null}
    </>
  );
}

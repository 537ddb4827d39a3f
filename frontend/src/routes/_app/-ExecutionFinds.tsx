import { useSuspenseQuery } from "@tanstack/react-query";
import { Comparison } from "~/features/executions/Comparison";
import { Findings, FoundResources } from "~/features/executions/Found";
import { executionQuery, useUnits } from "~/features/executions/queries";
import { ENDED } from "./-ExecutionActions";

type Props = {
  id: string;
  against: string | undefined;
  verdict: string | undefined;
  onSearch: (change: { against?: string; verdict?: string }) => void;
};

/** What it found, once it has ended, and how that differs from an earlier time. */
export function ExecutionFinds({ id, against, verdict, onSearch }: Props) {
  const { data: execution } = useSuspenseQuery(executionQuery(id));
  const units = useUnits(id).data?.pages.flatMap((page) => page.items) ?? [];
  const kinds = new Set(units.map(({ kind }) => kind));
  if (!ENDED.includes(execution.status) || !execution.started_at) return null;
  return (
    <>
      {kinds.has("list") || kinds.has("health") ? (
        <Comparison
          execution={execution}
          against={against}
          onChoose={(next) => onSearch({ against: next })}
        />
      ) : null}
      {kinds.has("health") ? (
        <Findings
          id={id}
          verdicts={Object.keys(execution.counts ?? {})}
          verdict={verdict}
          onVerdict={(next) => onSearch({ verdict: next })}
        />
      ) : null}
      {kinds.has("list") ? <FoundResources id={id} /> : null}
    </>
  );
}

// Executions: a run on one account, its units, and what it found.
import {
  useInfiniteQuery,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { type ExecutionRead, exportExecution, exportExecutions } from "~/client";
import {
  cancelExecutionMutation,
  compareWithInfiniteOptions,
  explainExecutionOptions,
  getExecutionOptions,
  getResultOptions,
  listExecutionsOptions,
  listFindingsInfiniteOptions,
  listFoundResourcesInfiniteOptions,
  listUnitsInfiniteOptions,
  rerunExecutionsMutation,
} from "~/client/@tanstack/react-query.gen";
import type { FileFormat } from "~/parts/ExportMenu";

const UNITS_A_PAGE = 200;

export const executionQuery = (id: string) => getExecutionOptions({ path: { id } });

export const useRecent = (limit: number) =>
  useQuery(listExecutionsOptions({ query: { limit } }));

export const useExplanation = (id: string) =>
  useQuery(explainExecutionOptions({ path: { id } }));

const OF_A_TASK = 50;

/** The latest executions of several tasks, on one account or on all. */
export const useExecutionsOf = (tasks: readonly string[], account: string | undefined) =>
  useQueries({
    queries: tasks.map((task_id) =>
      listExecutionsOptions({
        query: { task_id, account_id: account ?? null, limit: OF_A_TASK },
      }),
    ),
    combine: (all) => ({
      items: all.flatMap(({ data }) => data?.items ?? []),
      error: all.find(({ error }) => error)?.error ?? null,
      isPending: all.some(({ isPending }) => isPending),
    }),
  });

export const useResults = (ids: readonly string[]) =>
  useQueries({
    queries: ids.map((id) => getResultOptions({ path: { id } })),
    combine: (all) => ({
      items: all.flatMap(({ data }) => data ?? []),
      error: all.find(({ error }) => error)?.error ?? null,
      isPending: all.some(({ isPending }) => isPending),
    }),
  });

export function useUnits(id: string) {
  return useInfiniteQuery({
    ...listUnitsInfiniteOptions({ path: { id }, query: { limit: UNITS_A_PAGE } }),
    initialPageParam: { path: { id } },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    ...cancelExecutionMutation(),
    onSuccess: (now) => queries.setQueryData(executionQuery(now.id).queryKey, now),
  });
}

export const useRerun = () => useMutation(rerunExecutionsMutation());

const ROWS = 50;
const EARLIER = 30;

export function useFindings(id: string, verdict: string | undefined) {
  return useInfiniteQuery({
    ...listFindingsInfiniteOptions({
      path: { id },
      query: { limit: ROWS, verdict: verdict ?? null },
    }),
    initialPageParam: { path: { id } },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useFoundResources(id: string) {
  return useInfiniteQuery({
    ...listFoundResourcesInfiniteOptions({ path: { id }, query: { limit: ROWS } }),
    initialPageParam: { path: { id } },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** The file of all that an execution found; it is streamed, without a time limit. */
export const exportFound =
  (id: string, of: "resources" | "findings") => (format: FileFormat) =>
    exportExecution({
      path: { id },
      query: { of, format },
      responseType: "blob",
      timeout: 0,
    });

/** All executions of a task, however many. */
export const exportExecutionsOf = (task_id: string) => (format: FileFormat) =>
  exportExecutions({
    query: { task_id, format },
    responseType: "blob",
    timeout: 0,
  });

/** Those of its task on its account that were recorded before it. */
export const useEarlier = (execution: ExecutionRead) =>
  useQuery(
    listExecutionsOptions({
      query: {
        task_id: execution.task_id,
        account_id: execution.aws_account_id,
        until: execution.created_at,
        limit: EARLIER,
      },
    }),
  );

export function useComparison(id: string, against: string) {
  return useInfiniteQuery({
    ...compareWithInfiniteOptions({ path: { id }, query: { against } }),
    initialPageParam: { path: { id }, query: { against } },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

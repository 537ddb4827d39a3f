// Executions: a run on one account, its units, and what it found.
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import {
  cancelExecutionMutation,
  explainExecutionOptions,
  getExecutionOptions,
  listExecutionsOptions,
  listUnitsInfiniteOptions,
  rerunExecutionsMutation,
} from "~/client/@tanstack/react-query.gen";

const UNITS_A_PAGE = 200;

export const executionQuery = (id: string) => getExecutionOptions({ path: { id } });

export const useRecent = (limit: number) =>
  useQuery(listExecutionsOptions({ query: { limit } }));

export const useExplanation = (id: string) =>
  useQuery(explainExecutionOptions({ path: { id } }));

export function useUnits(id: string) {
  return useInfiniteQuery({
    ...listUnitsInfiniteOptions({ path: { id }, query: { limit: UNITS_A_PAGE } }),
    initialPageParam: "",
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

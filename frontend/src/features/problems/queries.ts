// Problems: failures with one cause, counted instead of told forty times.
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { A_PAGE, everyPage } from "~/api/pages";
import { listProblems, type ProblemStatus } from "~/client";
import {
  countProblemsOptions,
  editProblemMutation,
  getProblemOptions,
  listProblemsInfiniteOptions,
  listProblemsOptions,
  listProblemsQueryKey,
  rerunExecutionsMutation,
} from "~/client/@tanstack/react-query.gen";

const ROWS = 50;
const FIRST = 8;

/** How many are open and how many acknowledged. */
export const useUnclosed = () => useQuery(countProblemsOptions());

/** The newest of the open ones. */
export const useNewest = () =>
  useQuery(listProblemsOptions({ query: { limit: FIRST, status: "open" } }));

export const useProblems = (status: ProblemStatus) =>
  useInfiniteQuery({
    ...listProblemsInfiniteOptions({ query: { limit: ROWS, status } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** All of them, or those of an account; of one that is not known yet (null) none. */
export function useEveryProblem(status: ProblemStatus, accountId?: string | null) {
  const of = { status, account_id: accountId ?? null };
  return useQuery({
    enabled: accountId !== null,
    queryKey: [...listProblemsQueryKey({ query: of }), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { ...of, limit: A_PAGE, cursor };
        return (await listProblems({ query, signal })).data;
      }),
  });
}

export const problemQuery = (id: string) => getProblemOptions({ path: { id } });

export function useEditProblem() {
  const queries = useQueryClient();
  return useMutation({
    ...editProblemMutation(),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [{ _id: "listProblems" }] });
      await queries.invalidateQueries({ queryKey: [{ _id: "countProblems" }] });
      await queries.invalidateQueries({ queryKey: [{ _id: "getProblem" }] });
    },
  });
}

/** Everything that this problem made fail, once more. */
export function useRerun() {
  const queries = useQueryClient();
  return useMutation({
    ...rerunExecutionsMutation(),
    onSuccess: () => queries.invalidateQueries({ queryKey: [{ _id: "listExecutions" }] }),
  });
}

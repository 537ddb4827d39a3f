// Problems: failures with one cause, counted instead of told forty times.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ProblemStatus } from "~/client";
import {
  editProblemMutation,
  getProblemOptions,
  listProblemsOptions,
  rerunExecutionsMutation,
} from "~/client/@tanstack/react-query.gen";

const MOST = 100;

export const useProblems = (status: ProblemStatus) =>
  useQuery(listProblemsOptions({ query: { limit: MOST, status } }));

export const useProblemsOf = (accountId: string | null, status: ProblemStatus) =>
  useQuery({
    ...listProblemsOptions({ query: { limit: MOST, status, account_id: accountId } }),
    enabled: accountId !== null,
  });

export const problemQuery = (id: string) => getProblemOptions({ path: { id } });

export function useEditProblem() {
  const queries = useQueryClient();
  return useMutation({
    ...editProblemMutation(),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [{ _id: "listProblems" }] });
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

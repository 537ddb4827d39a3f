// Tasks, their runs, the catalog of services, and what a schedule means.
import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { previewSchedule, type ScheduleDefinition } from "~/client";
import {
  createTaskMutation,
  executeTaskMutation,
  listExecutionsOfTasksOptions,
  listServicesOptions,
  listTasksOptions,
  previewTaskMutation,
  readTaskOptions,
} from "~/client/@tanstack/react-query.gen";

const MOST = 100;
const NEXT_RUNS = 5;

type Filter = { q?: string; cursor?: string };

export const tasksQuery = ({ q, cursor }: Filter) =>
  listTasksOptions({
    query: { limit: MOST, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) },
  });

export const useTasks = (filter: Filter) =>
  useQuery({ ...tasksQuery(filter), placeholderData: keepPreviousData });

export const taskQuery = (id: string) => readTaskOptions({ path: { id } });

export const useHistory = (id: string) =>
  useQuery(listExecutionsOfTasksOptions({ path: { id }, query: { limit: 30 } }));

export function useServices() {
  return useQuery({ ...listServicesOptions(), staleTime: Number.POSITIVE_INFINITY });
}

/** Computed by the server alone: there is no second parser of schedules. */
export const schedulePreview = (schedule: ScheduleDefinition) =>
  queryOptions({
    queryKey: ["schedulePreview", schedule],
    queryFn: async ({ signal }) =>
      (await previewSchedule({ body: { schedule, count: NEXT_RUNS }, signal })).data,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const usePreviewTask = () => useMutation(previewTaskMutation());

export function useCreateTask() {
  const queries = useQueryClient();
  return useMutation({
    ...createTaskMutation(),
    onSuccess: () => queries.invalidateQueries({ queryKey: [{ _id: "listTasks" }] }),
  });
}

export function useRunTask() {
  const queries = useQueryClient();
  return useMutation({
    ...executeTaskMutation(),
    onSuccess: () =>
      queries.invalidateQueries({ queryKey: [{ _id: "listExecutionsOfTasks" }] }),
  });
}

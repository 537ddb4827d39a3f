// Tasks, their runs, the catalog of services, and what a schedule means.
import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { A_PAGE, everyPage } from "~/api/pages";
import {
  createTask,
  editTask,
  exportTasks,
  listTasks,
  previewSchedule,
  type ScheduleDefinition,
  type TaskCreate,
  type TaskPatch,
  type TaskRead,
} from "~/client";
import {
  deleteTaskMutation,
  editTaskMutation,
  executeTaskMutation,
  listExecutionsOfTasksOptions,
  listServicesOptions,
  listTasksOptions,
  listTasksQueryKey,
  previewTaskMutation,
  readTaskOptions,
} from "~/client/@tanstack/react-query.gen";
import type { FileFormat } from "~/parts/ExportMenu";
import { OUTLIVES_PAGE } from "~/parts/soon";

const MOST = 100;
const NEXT_RUNS = 5;

type Filter = {
  q?: string;
  cursor?: string;
  type?: "health_check" | "resource_list";
  account_id?: string;
  enabled?: boolean;
};

/** What is not filtered by is not sent: an empty word would be refused. */
export const tasksQuery = ({ q, ...filter }: Filter) =>
  listTasksOptions({ query: { limit: MOST, ...(q ? { q } : {}), ...filter } });

export const useTasks = (filter: Filter) =>
  useQuery({ ...tasksQuery(filter), placeholderData: keepPreviousData });

/** All of them: fields offer each. */
export const useEveryTask = () =>
  useQuery({
    queryKey: [...listTasksQueryKey(), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { limit: A_PAGE, cursor };
        return (await listTasks({ query, signal })).data;
      }),
  });

/** The file of all that the filter leaves, however many. */
export const exportFiltered = (filter: Omit<Filter, "cursor">) => (format: FileFormat) =>
  exportTasks({
    query: { format, ...filter },
    responseType: "blob",
    timeout: 0,
  });

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

/** Read anew, for what is shown may be old. */
export function useReadTask() {
  const queries = useQueryClient();
  return useCallback(
    (id: string) => queries.query({ ...taskQuery(id), staleTime: 0 }),
    [queries],
  );
}

/** The names of these tasks; of one that is not seen there is none. */
export function useNamesOf(ids: readonly string[]): ReadonlyMap<string, string> {
  const read = useQueries({ queries: ids.map((id) => taskQuery(id)) });
  return new Map(read.flatMap(({ data }) => (data ? [[data.id, data.name]] : [])));
}

/** Make a task, or change the one that was read: refused where somebody came first. */
export function useSaveTask(base: TaskRead | undefined) {
  const queries = useQueryClient();
  // Sent twice, it is made once.
  const [key] = useState(() => crypto.randomUUID());
  return useMutation({
    mutationFn: async (body: TaskCreate | TaskPatch): Promise<TaskRead> => {
      const answer = base
        ? await editTask({
            path: { id: base.id },
            body,
            headers: { "if-match": `"${base.version}"` },
          })
        : await createTask({
            body: body as TaskCreate,
            headers: { "idempotency-key": key },
          });
      return answer.data;
    },
    onSuccess: async (task) => {
      queries.setQueryData(taskQuery(task.id).queryKey, task);
      await queries.invalidateQueries({ queryKey: [{ _id: "listTasks" }] });
    },
  });
}

/** Pause or resume: shown at once, and taken back where the server refuses. */
export function useEnable(id: string) {
  const queries = useQueryClient();
  const { queryKey } = taskQuery(id);
  return useMutation({
    ...editTaskMutation(),
    onMutate: async ({ body: { enabled = true } }) => {
      await queries.cancelQueries({ queryKey });
      const before = queries.getQueryData(queryKey);
      if (before) queries.setQueryData(queryKey, { ...before, enabled });
      return before;
    },
    onError: (_error, _asked, before) => {
      if (before) queries.setQueryData(queryKey, before);
    },
    onSuccess: async (task) => {
      queries.setQueryData(queryKey, task);
      await queries.invalidateQueries({ queryKey: [{ _id: "listTasks" }] });
    },
  });
}

export function useDeleteTask() {
  const queries = useQueryClient();
  return useMutation({
    ...deleteTaskMutation(OUTLIVES_PAGE),
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

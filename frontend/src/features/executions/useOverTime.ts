// What is drawn over time: of one task its latest executions, of all those of a day.
import { useQuery } from "@tanstack/react-query";
import { A_PAGE, everyPage } from "~/api/pages";
import { type ExecutionRead, listExecutions, listExecutionsOfTasks } from "~/client";

const PAGES = 5;
const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

type Known = {
  items: ExecutionRead[];
  from: Date;
  until: Date;
  /** There were more; those that are missing are the oldest. */
  isCut: boolean;
};

type Page = { items: ExecutionRead[]; next_cursor: string | null };

/** From the first that is known, if some are not. */
function known({ items, next_cursor }: Page, since: Date | null): Known {
  const oldest = items.at(-1)?.created_at;
  const isCut = next_cursor !== null;
  const from = since && !isCut ? since : new Date(oldest ?? Date.now());
  return { items, from, until: new Date(), isCut };
}

/** The last 24 hours of all tasks. */
export const useDay = () =>
  useQuery({
    queryKey: ["executionsOfDay"],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - (DAY_HOURS - 1) * HOUR_MS);
      since.setMinutes(0, 0, 0);
      const page = await everyPage(async (cursor) => {
        const query = { limit: A_PAGE, since: since.toISOString(), cursor };
        return (await listExecutions({ query, signal })).data;
      }, PAGES);
      return known(page, since);
    },
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
  });

/** The latest of one task. */
export const usePast = (taskId: string) =>
  useQuery({
    queryKey: ["executionsOfTask", taskId],
    queryFn: async ({ signal }) => {
      const query = { limit: A_PAGE };
      const path = { id: taskId };
      return known((await listExecutionsOfTasks({ path, query, signal })).data, null);
    },
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
  });

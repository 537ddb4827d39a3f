// What is drawn over time: of one task its latest executions, of all those of a day.
import { useQuery } from "@tanstack/react-query";
import { type ExecutionRead, listExecutions, listExecutionsOfTasks } from "~/client";

const PAGE = 200;
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

/** Page by page, the newest first, up to so many. */
async function read(ask: (cursor: string | null) => Promise<Page>): Promise<Page> {
  const items: ExecutionRead[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found: Page = await ask(cursor);
    items.push(...found.items);
    cursor = found.next_cursor;
    if (!cursor) break;
  }
  return { items, next_cursor: cursor };
}

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
      const page = await read(async (cursor) => {
        const query = { limit: PAGE, since: since.toISOString(), cursor };
        return (await listExecutions({ query, signal })).data;
      });
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
      const query = { limit: PAGE };
      const path = { id: taskId };
      return known((await listExecutionsOfTasks({ path, query, signal })).data, null);
    },
    staleTime: EVERY_MS,
    refetchInterval: EVERY_MS,
  });

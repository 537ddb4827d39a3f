// One act on many tasks: each is done by a request of its own, and told for itself.
import { type Trouble, troubleOf } from "~/api/problem";
import { deleteTask, editTask, executeTask, listTasks } from "~/client";
import type { tasksQuery } from "./queries";

export type Named = { id: string; name: string };
export type Outcome = Named & { trouble: Trouble | null };
type Filter = Omit<Parameters<typeof tasksQuery>[0], "cursor">;

const AT_ONCE = 4; // leaves room below the limit of requests
const TRIES = 5;
const A_PAGE = 100;
const MOST = 1_000;

/** What the act is called, what it will mean, and how it is done to one. */
export const ACTS = {
  run: {
    title: "Run",
    means:
      "Each starts an execution on every account that it looks at. They ask AWS, and count against the plan.",
    done: "started",
    act: ({ id }: Named) =>
      executeTask({
        path: { id },
        headers: { "idempotency-key": crypto.randomUUID() },
      }),
  },
  pause: {
    title: "Pause",
    means:
      "They do not run by themselves until they are resumed. What has begun goes on to its end.",
    done: "paused",
    act: ({ id }: Named) => editTask({ path: { id }, body: { enabled: false } }),
  },
  resume: {
    title: "Resume",
    means: "They run again at their next times. What was missed is not made up for.",
    done: "resumed",
    act: ({ id }: Named) => editTask({ path: { id }, body: { enabled: true } }),
  },
  delete: {
    title: "Delete",
    means:
      "They do not run any more. Their executions and what they found stay in the history. This cannot be taken back.",
    done: "deleted",
    act: ({ id }: Named) => deleteTask({ path: { id } }),
  },
} as const;
export type Act = keyof typeof ACTS;

/** All that the filter leaves, whatever page they are on; `isCut` where there are more. */
export async function allThatMatch({ q, ...filter }: Filter) {
  const tasks: Named[] = [];
  let cursor: string | null | undefined;
  do {
    const { data } = await listTasks({
      query: {
        limit: A_PAGE,
        ...filter,
        ...(q ? { q } : {}),
        ...(cursor ? { cursor } : {}),
      },
    });
    tasks.push(...data.items.map(({ id, name }) => ({ id, name })));
    cursor = data.next_cursor;
  } while (cursor && tasks.length < MOST);
  return { tasks, isCut: Boolean(cursor) };
}

/** A few at once; who is told to wait waits. Every one has an outcome. */
export async function doEach(
  tasks: readonly Named[],
  act: (task: Named) => Promise<unknown>,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const waiting = [...tasks];
  const work = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift())
      tell({ ...task, trouble: await troubleWith(task, act) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function troubleWith(
  task: Named,
  act: (task: Named) => Promise<unknown>,
): Promise<Trouble | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      await act(task);
      return null;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble.retryAfter || tries === TRIES) return trouble;
      await new Promise((over) => setTimeout(over, Number(trouble.retryAfter) * 1_000));
    }
  }
}

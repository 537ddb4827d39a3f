import type { QueryClient } from "@tanstack/react-query";

const GATHER_MS = 300;

/** Reads anew what the questions of these ids were answered. A thousand events of a second
 * are one reading, and the next one waits for its answers: a slow server is asked less. */
export function renewalOf(queries: Pick<QueryClient, "invalidateQueries">) {
  const stale = new Set<string>();
  let isReading = false;
  async function read() {
    isReading = true;
    try {
      while (stale.size > 0) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        const asked = new Set(stale);
        stale.clear();
        await queries.invalidateQueries({
          predicate: ({ queryKey }) =>
            asked.has((queryKey[0] as { _id?: string })._id ?? ""),
        });
      }
    } finally {
      isReading = false;
    }
  }
  return (ids: readonly string[]) => {
    for (const id of ids) stale.add(id);
    if (!isReading) void read();
  };
}

// Lists that are needed whole, such as what a field offers.
export const A_PAGE = 200;
const MOST_PAGES = 50;

type Page<T> = { items: T[]; next_cursor: string | null };

/** Page after page in the server's order; `next_cursor` says whether there are still more. */
export async function everyPage<T>(
  ask: (cursor: string | null) => Promise<Page<T>>,
  most = MOST_PAGES,
): Promise<Page<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < most; page += 1) {
    const found: Page<T> = await ask(cursor);
    items.push(...found.items);
    cursor = found.next_cursor;
    if (!cursor) break;
  }
  return { items, next_cursor: cursor };
}

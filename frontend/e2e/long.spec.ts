// Ten thousand rows: what is shown stays quick.
import { expect, test } from "@playwright/test";
import { signIn } from "./people";
import { open } from "./places";

const ROWS = 10_000;
const LONGEST_MS = 100;
const STEPS = 60;

test("a table of ten thousand rows scrolls without a long task", async ({
  browser,
  baseURL,
}) => {
  const { page, complaints } = await signIn(browser, baseURL);
  type Listed = { items: { id: string; name: string | null }[]; next_cursor: null };
  await page.route(/\/api\/v1\/resources\?/, async (route) => {
    const response = await route.fetch();
    const { items } = (await response.json()) as Listed;
    const many = Array.from({ length: ROWS }, (_, index) => ({
      ...items[index % items.length],
      id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
      name: `row ${index}`,
    }));
    await route.fulfill({ response, json: { items: many, next_cursor: null } });
  });
  await open(page, "/inventory");
  await expect(page.getByText("row 3", { exact: true })).toBeVisible();
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((one) => one.duration));
    }).observe({ type: "longtask" });
  });
  await page.mouse.move(700, 600);
  for (let step = 0; step < STEPS; step++) {
    await page.mouse.wheel(0, 700);
    await page.waitForTimeout(30);
  }
  await page.keyboard.press("End");
  await expect(page.getByText(`row ${ROWS - 1}`, { exact: true })).toBeVisible();
  await expect(async () => {
    await page.keyboard.press("Home");
    await expect(page.getByText("row 0", { exact: true })).toBeVisible({ timeout: 2000 });
  }).toPass();
  const tasks = await page.evaluate(
    () => (window as unknown as { longTasks: number[] }).longTasks,
  );
  expect(Math.max(0, ...tasks), tasks.join(" ")).toBeLessThanOrEqual(LONGEST_MS);
  expect(complaints).toEqual([]);
});

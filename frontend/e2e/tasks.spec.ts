// A task is made, changed by two at once, paused, looked at over time and deleted.
import { expect, type Page, test } from "@playwright/test";
import { judge } from "./judge";
import { signIn } from "./people";

let page: Page;
let complaints: string[];
const NAME = `Edited ${Date.now()}`;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser, baseURL }) => {
  ({ page, complaints } = await signIn(browser, baseURL));
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

const main = () => page.getByRole("main");

test("a task with retries and a predecessor is made; a draft outlives a reload", async () => {
  await page.goto("/tasks/new");
  await page.getByLabel("Name", { exact: true }).fill(NAME);
  await page.getByLabel("Services").fill("s3");
  await page.getByRole("option", { name: /\(s3\)/ }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Accounts", { exact: true }).click();
  await page.getByRole("option").first().click();
  await page.keyboard.press("Escape");
  await page.getByRole("navigation").getByRole("link", { name: "Tasks" }).click();
  await expect(page.getByRole("dialog", { name: "Leave without saving?" })).toBeVisible();
  expect(await judge(page, "leave")).toEqual([]);
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Tasks" }).first()).toBeVisible();
  await page.goto("/tasks/new");
  await expect(page.getByText("What you typed here before is back.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(NAME);

  await page.getByRole("button", { name: "With a start, an end or a spread" }).click();
  await page.getByRole("button", { name: "Unfold" }).click();
  await page.getByLabel("Runs after").click();
  await page.getByRole("option").first().click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Try again after these errors").click();
  await page.getByRole("option", { name: "AWS could not be reached" }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("How often at most").fill("9");
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByText("A whole number from 1 to 5.")).toBeVisible();
  expect(await judge(page, "task-advanced")).toEqual([]);
  await page.getByLabel("How often at most").fill("3");
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { name: NAME })).toBeVisible();
  await expect(main().getByText("3 times, after 60 s")).toBeVisible();
});

test("two who change it at once both keep what they typed", async () => {
  const task = page.url();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(NAME);
  const other = await page.context().newPage();
  await other.goto(`${task}/edit`);
  await other.getByLabel("Name", { exact: true }).fill(`${NAME} by another`);
  await other.getByRole("button", { name: "Save the task" }).click();
  await expect(other.getByRole("heading", { name: `${NAME} by another` })).toBeVisible();
  await other.close();

  await page.getByLabel("Time", { exact: true }).fill("06:15");
  await page.getByRole("button", { name: "Save the task" }).click();
  await expect(page.getByText("Version 2 changed the name.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(
    `${NAME} by another`,
  );
  await expect(page.getByLabel("Time", { exact: true })).toHaveValue("06:15");
  expect(await judge(page, "task-conflict")).toEqual([]);
  await page.getByRole("button", { name: "Save the task" }).click();
  await expect(page.getByRole("heading", { name: `${NAME} by another` })).toBeVisible();
  await expect(main().getByText(/06:15/).first()).toBeVisible();
});

test("it is paused at once, and back where the server refuses", async () => {
  const paused = page.getByRole("switch", { name: /at its times/ });
  await paused.click();
  await expect(paused).not.toBeChecked();
  await expect(main().getByText("Paused", { exact: true })).toBeVisible();
  await page.route("**/api/v1/tasks/*", (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          body: JSON.stringify({ title: "No", detail: "The plan allows no more." }),
        })
      : route.fallback(),
  );
  await paused.click();
  await expect(page.getByText("Not changed: The plan allows no more.")).toBeVisible();
  await expect(paused).not.toBeChecked();
  await page.unroute("**/api/v1/tasks/*");
});

test("the list is filtered by its address", async () => {
  const search = NAME.replace(" ", "+");
  await page.goto(`/tasks?q=${search}&state=paused&type=nonsense`);
  await expect(main().getByRole("link", { name: NAME })).toBeVisible();
  await page.goto(`/tasks?q=${search}&state=enabled`);
  await expect(page.getByText("No task matches")).toBeVisible();
  expect(await judge(page, "tasks-no-match")).toEqual([]);
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await main().getByRole("link", { name: NAME }).click();
});

test("a deletion says what it means, and the picture has its table", async () => {
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page).toHaveURL(/dialog=delete/);
  await expect(page.getByText("It can be undone for some seconds.")).toBeVisible();
  expect(await judge(page, "task-delete")).toEqual([]);
  await page.getByRole("button", { name: "Delete the task" }).click();
  await expect(page).toHaveURL(/\/tasks$/);
  const row = main().getByRole("link", { name: NAME });
  await expect(row).toBeHidden();
  await page.screenshot({ path: ".results/pages/tasks-deleting.png" });
  await page.getByRole("button", { name: "Undo" }).click();
  await row.click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete the task" }).click();
  await expect(page.getByText("is being deleted.")).toBeVisible();
  // Who goes away before its time is over has still asked for it.
  await page.goto("/tasks");
  await expect(main().getByRole("link", { name: "New task" })).toBeVisible();
  await expect(row).toBeHidden();

  await page.goto("/");
  await expect(page.getByRole("heading", { name: "The last 24 hours" })).toBeVisible();
  await expect(page.locator("figure svg").first()).toBeVisible();
  await page.getByRole("button", { name: "As a table" }).click();
  await expect(page.getByRole("region", { name: "Executions over time" })).toBeVisible();
  expect(await judge(page, "dashboard-table")).toEqual([]);
});

test("a lost connection is said", async () => {
  await page.context().setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  expect(await judge(page, "offline")).toEqual([]);
  await page.context().setOffline(false);
  await expect(page.getByText("You are offline.")).toBeHidden();
});

test("many are acted on at once, and each is told for itself", async () => {
  await page.goto("/tasks");
  await page.getByRole("checkbox", { name: "Select", exact: true }).click();
  await expect(page.getByText(/^\d+ selected$/)).toBeVisible();
  const few = main().getByRole("checkbox", { name: /^Select (Health|Inventory)/ });
  const chosen = await few.count();
  await page.getByRole("checkbox", { name: /^\d+ selected$/ }).click();
  for (const one of await few.all()) await one.click();
  await expect(page.getByText(`${chosen} selected`)).toBeVisible();
  expect(await judge(page, "tasks-selected")).toEqual([]);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  expect(await judge(page, "tasks-bulk")).toEqual([]);
  await page.getByRole("button", { name: `Pause ${chosen} tasks` }).click();
  await expect(page.getByText(`${chosen} paused.`)).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(main().getByText(/^paused/)).toHaveCount(chosen);
  for (const one of await few.all()) await one.click();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByRole("button", { name: `Resume ${chosen} tasks` }).click();
  await expect(page.getByText(`${chosen} resumed.`)).toBeVisible();
  expect(await judge(page, "tasks-bulk-done")).toEqual([]);
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("checkbox", { name: "Select", exact: true })).toBeVisible();
});

// The inventory in the organization that the demo has made: found, narrowed, exported, and
// from an execution to what it found and what changed.
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { judge } from "./judge";
import { signIn } from "./people";

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, baseURL }) => {
  ({ page, complaints } = await signIn(browser, baseURL));
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

const resources = () => page.getByRole("region", { name: "Resources" });
const rows = () => resources().getByRole("row");

test("the inventory says what was not read", async () => {
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page).toHaveURL(/\/inventory/);
  await expect(page.getByText(/secretsmanager in 2 regions/)).toBeVisible();
  await expect(rows().nth(1)).toBeVisible();
  const time = page.getByRole("region", { name: "Over time", exact: true });
  await expect(time.getByRole("img")).toBeVisible();
  expect(await judge(page, "inventory")).toEqual([]);
  await time.getByRole("button", { name: "As a table" }).click();
  // What could not be read is no zero, and in no number.
  await expect(time).toContainText("nothing was known yet");
  await expect(time).toContainText(/were not read on any of these days/);
});

test("filters are in the URL, and no match is not nothing", async () => {
  await page.getByLabel("Service").fill("dynamo");
  await page.getByRole("option", { name: /\(dynamodb\)/ }).click();
  await expect(page).toHaveURL(/service=dynamodb/);
  await expect(rows()).toHaveCount(4);
  await page.reload();
  await expect(rows()).toHaveCount(4);
  await page.getByLabel("Name, ARN or identity").fill("no such thing");
  await expect(page.getByText("No resource matches")).toBeVisible();
  await expect(page).toHaveURL(/q=no/);
  expect(await judge(page, "inventory-no-match")).toEqual([]);
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect(page.getByLabel("Name, ARN or identity")).toHaveValue("");
  await expect(rows().nth(5)).toBeVisible();
});

test("what no task lists is said to be unknown", async () => {
  await page.goto("/inventory?service=glacier&presence=splendid");
  await expect(page.getByText("No enabled task lists glacier")).toBeVisible();
  await expect(page.getByText("No resource matches")).toBeVisible();
});

test("the file holds what the filters leave", async () => {
  await page.goto("/inventory?service=dynamodb");
  await expect(rows()).toHaveCount(4);
  await page.getByRole("button", { name: "Export these resources" }).click();
  const saving = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "JSON" }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe("resources.json");
  const { count } = JSON.parse(readFileSync(await download.path(), "utf8")) as {
    count: number;
  };
  expect(count).toBe(3);
  await expect(page.getByText(/The file is complete/)).toBeVisible();
});

test("a resource tells what it is and what it was", async () => {
  await page.goto("/inventory?service=ec2&type=ec2:instance");
  await resources().getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "History" })).toBeVisible();
  await expect(page.getByRole("region", { name: "document" })).toContainText(
    "InstanceId",
  );
  expect(await judge(page, "resource")).toEqual([]);
});

test("an execution tells what it found, and what changed since", async () => {
  await page.goto("/tasks?q=Inventory of servers");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await page
    .getByRole("region", { name: "Executions" })
    .getByRole("listitem")
    .filter({ hasNotText: /Running|Queued/ })
    .getByRole("link")
    .first()
    .click();
  const changed = page.getByRole("region", { name: "What changed" });
  await expect(changed).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("region", { name: "Resources" })).toBeVisible();
  expect(await judge(page, "execution-listing")).toEqual([]);
  await page.goto("/tasks?q=Health of servers");
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await page
    .getByRole("region", { name: "Executions" })
    .getByRole("listitem")
    .getByRole("link")
    .nth(1)
    .click();
  await expect(page.getByRole("heading", { name: "Findings" })).toBeVisible();
  await page.getByLabel("Verdict").click();
  await page.getByRole("option", { name: "Healthy", exact: true }).click();
  await expect(page).toHaveURL(/verdict=healthy/);
  expect(await judge(page, "execution-findings")).toEqual([]);
});

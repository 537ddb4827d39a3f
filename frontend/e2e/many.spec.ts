// Three hundred accounts: the dashboard tells how all are, and each is found.
import { expect, type Page, type Route, test } from "@playwright/test";
import { judge } from "./judge";
import { OWNER, scriptOf, signIn } from "./people";
import { open } from "./places";

const ACCOUNTS = 300;
const SHOWN_FIRST = 20;

type Item = { id: string; name: string; verdict?: string };
type Listed = { items: Item[]; next_cursor: null };
type Summary = { accounts: number; verdicts: object; first: Item[] };

/** As if each were there many times; the last one is ill. */
async function multiply(route: Route) {
  const response = await route.fetch();
  const { items } = (await response.json()) as Listed;
  const many = Array.from({ length: ACCOUNTS }, (_, index) => ({
    ...items[0],
    id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
    name: `Customer ${index}`,
    connected: true,
    verdict: index === ACCOUNTS - 1 ? "unhealthy" : "healthy",
  }));
  await route.fulfill({ response, json: { items: many, next_cursor: null } });
}

async function summarize(route: Route) {
  const response = await route.fetch();
  const { first } = (await response.json()) as Summary;
  const json: Summary = {
    accounts: ACCOUNTS,
    verdicts: { unhealthy: 1, healthy: ACCOUNTS - 1 },
    first: Array.from({ length: SHOWN_FIRST }, (_, index) => ({
      ...first[0],
      id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
      name: index === 0 ? `Customer ${ACCOUNTS - 1}` : `Customer ${index - 1}`,
      verdict: index === 0 ? "unhealthy" : "healthy",
    })),
  };
  await route.fulfill({ response, json });
}

const multiplied = async (page: Page) => {
  await page.route(/\/api\/v1\/(aws-accounts|health)\?/, multiply);
  await page.route("**/api/v1/health/summary", summarize);
};

test("the dashboard and the list of accounts are of all of them", async ({
  browser,
  baseURL,
}) => {
  const { page, complaints } = await signIn(browser, baseURL);
  await multiplied(page);
  await open(page, "/");
  await expect(page.getByText(/^1 of 300 accounts needs you/)).toBeVisible();
  expect(await judge(page, "dashboard-many")).toEqual([]);
  await page.getByRole("link", { name: "All 300 accounts" }).click();
  await expect(
    page.getByText("The first 200 of 300: search for the others."),
  ).toBeVisible();
  await page.getByRole("searchbox").fill("customer 299");
  const rows = page.getByRole("main").getByRole("listitem");
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/q=customer/);
  await page.getByRole("searchbox").fill("nobody");
  await expect(page.getByText("No account matches")).toBeVisible();
  await open(page, "/accounts?verdict=unhealthy");
  await expect(rows).toHaveCount(1);
  expect(await judge(page, "accounts-many")).toEqual([]);
  expect(complaints).toEqual([]);
});

test("the palette finds a task that is not among the newest", async ({
  browser,
  baseURL,
  request,
}) => {
  const [last] = (await (await scriptOf(request, OWNER)).items("/tasks")).slice(-1);
  const name = last?.name ?? "";
  const { page, complaints } = await signIn(browser, baseURL);
  // The newest are others: only who asks by name is told of this one.
  await page.route(/\/api\/v1\/tasks\?(?!.*q=)/, async (route) => {
    const response = await route.fetch();
    const listed = (await response.json()) as Listed;
    const items = listed.items.filter((one) => one.id !== last?.id);
    await route.fulfill({ response, json: { ...listed, items } });
  });
  await open(page, "/");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill(name);
  await page.getByRole("option", { name: new RegExp(`${name}.*Task`) }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  expect(complaints).toEqual([]);
});

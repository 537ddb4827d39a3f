// What stands between people: a viewer changes nothing, and no organization sees another.
import { expect, type Page, test } from "@playwright/test";
import { newCustomer, newMember, scriptOf, signIn } from "./people";
import { open, PAGES, placesOf } from "./places";

const CHANGES =
  /^(New|Add|Connect|Edit|Delete|Run|Invite|Remove|Revoke|Mute|Acknowledge|Choose|Try|Resolve|Rerun|Pause|Cancel|Verify|Disconnect|Make|Send)\b/;

/** What on this page could be pressed to change something. */
async function offered(page: Page): Promise<string[]> {
  const main = page.getByRole("main");
  const controls = main.locator(
    "button:enabled, a[role=button]:not([aria-disabled=true]), input[type=checkbox]:enabled",
  );
  const names = await controls.evaluateAll((all) =>
    all.map((one) => one.getAttribute("aria-label") ?? one.textContent),
  );
  return names.filter((name) => CHANGES.test(name.trim()));
}

test("a viewer sees everything and changes nothing", async ({
  browser,
  request,
  baseURL,
}) => {
  const script = await scriptOf(request);
  const viewer = await newMember(request, script, "viewer");
  const { page, complaints } = await signIn(browser, baseURL, viewer);
  const sent: string[] = [];
  page.on("request", (one) => {
    const path = new URL(one.url()).pathname;
    const isAnAsk = path.endsWith("/preview") || path.startsWith("/api/v1/auth/");
    if (one.method() !== "GET" && !isAnAsk) sent.push(`${one.method()} ${path}`);
  });
  const places = await placesOf(script);
  for (const path of [...PAGES.filter((one) => one !== "/settings"), ...places]) {
    await open(page, path);
    expect(await offered(page), path).toEqual([]);
  }
  const [task] = places;
  for (const path of ["/tasks/new", "/accounts/connect", `${task}/edit`]) {
    await open(page, path);
    expect(await offered(page), path).toEqual([]);
    await expect(
      page
        .getByRole("main")
        .getByText(/Your role/)
        .first(),
    ).toBeVisible();
  }
  // What the keys and the palette would do.
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("new task");
  await expect(page.getByRole("option", { name: /New task/ })).toHaveCount(0);
  expect(sent).toEqual([]);
  expect(complaints).toEqual([]);
});

test("two organizations see nothing of each other", async ({
  browser,
  request,
  baseURL,
}) => {
  const script = await scriptOf(request);
  const others = await placesOf(script);
  const tasks = await script.items("/tasks");
  const names = tasks.flatMap(({ name }) => name ?? []);
  expect(names).not.toEqual([]);
  const customer = await newCustomer(request, "Mallory");
  const { page } = await signIn(browser, baseURL, customer);
  for (const path of others) {
    await page.goto(path);
    await expect(page.getByText("There is nothing here"), path).toBeVisible();
  }
  for (const path of PAGES) {
    await open(page, path);
    const text = await page.locator("body").innerText();
    for (const name of [...names, "Shop production"]) expect(text).not.toContain(name);
  }
});

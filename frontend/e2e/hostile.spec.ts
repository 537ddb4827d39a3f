// Other people's texts are texts: whatever they say, nothing of it runs, is drawn, or leads
// away. Every free text of every answer becomes one of the corpus on its way to the page.
import { expect, type Page, test } from "@playwright/test";
import { fromPython, scriptOf, signIn } from "./people";
import { open, PAGES, placesOf } from "./places";

const TEXTS = JSON.parse(
  fromPython(
    "import json; from tests.hostile.corpus import TEXTS;" +
      "print(json.dumps([one for one in TEXTS.values() if 0 < len(one) < 2000]))",
  ),
) as string[];
const FREE =
  /^(name|.*_name|title|detail|message|reason|note|text|summary|description|email|user_agent|what|subject|label|acknowledged_note|schedule_in_words|resource_id|arn)$/;
const OPEN = new Set(["attributes", "labels", "tags", "details", "config", "document"]);

/** The answer with a text of the corpus wherever people or AWS may write one. */
function poison(value: unknown, key = "", isOpen = false): unknown {
  if (typeof value === "string") {
    return isOpen || FREE.test(key) ? (TEXTS[turn++ % TEXTS.length] ?? "") : value;
  }
  if (Array.isArray(value)) return value.map((one) => poison(one, key, isOpen));
  if (typeof value !== "object" || value === null) return value;
  const within = isOpen || OPEN.has(key);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, poison(one, name, within)]),
  );
}
let turn = 0;

/** What on the page is there only if a text was more than a text. */
const broughtToLife = (page: Page) =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll(
        "script:not([src]):not([nonce]), img:not([src='/icon.svg']), iframe, form[action*=evil]," +
          " base, [onload], [onerror], [onmouseover], [onfocus], a[href^='javascript:']," +
          " a[href*='evil.example'], style:not([data-emotion]):empty",
      ),
    ].map((one) => one.outerHTML.slice(0, 200)),
  );

test("hostile texts are shown as texts on every page", async ({
  browser,
  request,
  baseURL,
}) => {
  expect(TEXTS.length).toBeGreaterThan(60);
  const places = await placesOf(await scriptOf(request));
  const { page, complaints } = await signIn(browser, baseURL);
  page.on("dialog", (one) => {
    complaints.push(`a dialog said ${one.message()}`);
    void one.dismiss();
  });
  page.on("request", (one) => {
    const isOurs =
      one.url().startsWith(baseURL ?? "-") || /^(data|blob):/.test(one.url());
    if (!isOurs) complaints.push(`it asked ${one.url()}`);
  });
  await page.route(/\/api\/v1\/(?!auth|events)/, async (route) => {
    const response = await route.fetch();
    const isJSON = response.headers()["content-type"]?.includes("json");
    if (!isJSON) return route.fulfill({ response });
    return route.fulfill({ response, json: poison(await response.json()) });
  });
  for (const path of [...PAGES, ...places]) {
    await open(page, path);
    expect(await broughtToLife(page), path).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${path} scrolls sideways`).toBeLessThanOrEqual(1440);
  }
  await page.goto("/tasks");
  await expect(page.getByRole("main")).toContainText(/<|\*|\[/);
  expect(complaints).toEqual([]);
});

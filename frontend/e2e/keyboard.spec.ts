// Without a mouse: sign in, make a task, run it, and read what it found.
import { expect, type Page, test } from "@playwright/test";
import { watch } from "./judge";
import { OWNER } from "./people";

const MOST_STEPS = 80;

/** Press Tab until what has the focus is called this, and can be seen to have it. */
async function tabTo(page: Page, name: RegExp) {
  const passed: string[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) continue;
    const called = await focused.evaluate((one) => {
      const labels = [...((one as HTMLInputElement).labels ?? [])];
      const by = one.getAttribute("aria-labelledby")?.split(" ") ?? [];
      const named = by.map((id) => document.getElementById(id)?.textContent);
      return [
        one.getAttribute("aria-label"),
        ...named,
        ...labels.map((l) => l.textContent),
      ]
        .concat(one.textContent)
        .filter(Boolean)
        .join(" ")
        .trim();
    });
    if (name.test(called)) {
      await expect(focused).toBeInViewport();
      return;
    }
    passed.push(called.slice(0, 30));
  }
  throw new Error(`Tab does not lead to ${name}; it passes ${passed.join(" · ")}`);
}

test("everything on the way to a result can be done by keys", async ({ page }) => {
  const complaints = watch(page);
  const name = `By keys alone ${Date.now()}`;
  await page.goto("/");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await tabTo(page, /E-mail/);
  await page.keyboard.type(OWNER.email);
  await tabTo(page, /^Password/);
  await page.keyboard.type(OWNER.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();

  // The first stop of every page leads past what all pages have.
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText(/Skip/);
  await page.keyboard.press("Enter");
  await expect(page.locator(":focus")).toHaveRole("main");

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
  await page.keyboard.type("new task");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/tasks\/new/);
  await tabTo(page, /^Name/);
  await page.keyboard.type(name);
  await tabTo(page, /^Services/);
  await page.keyboard.type("sqs");
  await expect(page.getByRole("option", { name: /\(sqs\)/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await tabTo(page, /^Accounts(?! with)/);
  await page.keyboard.type("production");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await tabTo(page, /^Create the task/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name })).toBeVisible();
  await tabTo(page, /^Run now/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/executions\//);
  await expect(page.getByRole("main").getByText("Succeeded").first()).toBeVisible({
    timeout: 90_000,
  });
  await tabTo(page, /its task/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name })).toBeVisible();
  expect(complaints).toEqual([]);
});

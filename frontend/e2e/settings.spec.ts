// Whoever runs the organization: its plan, what is used of it, oneself, and its end. Done
// by a newcomer, so that nothing of the demo's organization changes.
import { createHmac } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";
import { judge, watch } from "./judge";
import { newMember, PASSWORD, scriptOf, signIn } from "./people";

const NEXT = "a longer walk across the bridge";
const NAME = "Harbour";
const address = `settings-${Date.now()}@example.com`;

let page: Page;
let complaints: string[];
let password = PASSWORD;

test.beforeAll(async ({ browser, baseURL }) => {
  page = await (await browser.newContext({ baseURL })).newPage();
  complaints = watch(page);
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Nora Newcomer");
  await page.getByLabel("Organization").fill(NAME);
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

/** The code that an authenticator app shows for this secret (RFC 6238). */
function codeOf(secret: string, at: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(secret, (one) =>
    letters.indexOf(one).toString(2).padStart(5, "0"),
  );
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((one) => Number.parseInt(one, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  const code = digest.readUInt32BE(offset) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, "0");
}

test("the plan and what is used of it, where the mails lead", async () => {
  await page.goto("/subscription");
  const plans = page.getByRole("region", { name: "Plans" });
  await expect(plans.getByText("Your plan")).toBeVisible();
  expect(await judge(page, "subscription")).toEqual([]);
  await page.getByRole("main").getByRole("link", { name: "Usage" }).click();
  await expect(page.getByText("Executions this month")).toBeVisible();
  await expect(page.getByText(/Within the limit|No limit/).first()).toBeVisible();
  expect(await judge(page, "usage")).toEqual([]);
});

test("what presses is said on every page", async () => {
  await page.route("**/api/v1/subscription", async (route) => {
    const answer = await route.fetch();
    const said = (await answer.json()) as object;
    const standing = { state: "read_only", until: null, what_to_do: "Settle it." };
    await route.fulfill({ json: { ...said, standing } });
  });
  await page.goto("/tasks");
  await expect(page.getByText("Read-only: the payment is overdue")).toBeVisible();
  expect(await judge(page, "read-only")).toEqual([]);
  await page.unroute("**/api/v1/subscription");
});

test("a new password, beside whose field stands what is wrong with it", async () => {
  await page.goto("/settings");
  await page.getByLabel("Present password").fill("not the password");
  await page.getByLabel("New password").fill(NEXT);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("This is not your password.")).toBeVisible();
  expect(await judge(page, "settings-profile")).toEqual([]);
  await page.getByLabel("Present password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your password is changed")).toBeVisible();
  password = NEXT;
});

test("the time zone that digests and quiet hours go by", async () => {
  await page.goto("/settings");
  const zone = page.getByRole("combobox", { name: "Time zone" });
  await zone.fill("Asia/Tok");
  await page.getByRole("option", { name: "Asia/Tokyo" }).click();
  await page.getByRole("button", { name: "Save the time zone" }).click();
  await expect(page.getByText("It is saved.")).toBeVisible();
  await page.reload();
  await expect(zone).toHaveValue("Asia/Tokyo");
});

test("a second factor, on and off", async () => {
  await page.goto("/settings?tab=mfa");
  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  const secret = await page.getByRole("region", { name: "secret" }).innerText();
  await expect(page.getByRole("img", { name: /The secret for your/ })).toBeVisible();
  expect(await judge(page, "settings-mfa")).toEqual([]);
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByText(/not the present code/)).toBeVisible();
  await page.getByLabel("Code").fill(codeOf(secret.trim(), Date.now()));
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByRole("region", { name: "recovery codes" })).toBeVisible();
  expect(await judge(page, "settings-codes")).toEqual([]);
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByText("10 left")).toBeVisible();
  await page.getByRole("button", { name: "Turn it off" }).click();
  await expect(page).toHaveURL(/ask=mfa-off/);
  expect(await judge(page, "settings-mfa-off")).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Turn it off" }).click();
  await expect(page.getByText("It is off")).toBeVisible();
});

test("where one is signed in, and the end of another session", async ({
  browser,
  baseURL,
}) => {
  const other = await (await browser.newContext({ baseURL })).newPage();
  await other.goto("/sign-in");
  await other.getByLabel("E-mail").fill(address);
  await other.getByLabel("Password", { exact: true }).fill(password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await page.goto("/settings?tab=sessions");
  await expect(page.getByText("This one")).toBeVisible();
  expect(await judge(page, "settings-sessions")).toEqual([]);
  const ends = page.getByRole("button", { name: /End the session of/ });
  await ends.first().click();
  await expect(ends).toHaveCount(0);
});

test("one signs out from any page, and nothing stays in the tab", async ({
  browser,
  baseURL,
}) => {
  const own = await signIn(browser, baseURL, { email: address, password });
  for (const path of ["/tasks", "/inventory", "/settings"]) {
    await own.page.goto(path);
    await expect(own.page.getByRole("button", { name: NAME })).toBeVisible();
  }
  // The router's own key holds how far pages were scrolled.
  const kept = () =>
    own.page.evaluate(() =>
      Object.keys(sessionStorage).filter((key) => /rota/.test(key)),
    );
  expect(await kept()).toEqual(["cloudrota-organization"]);
  await own.page.getByRole("button", { name: NAME }).click();
  await own.page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(own.page).toHaveURL(/\/sign-in/);
  expect(await kept()).toEqual([]);
  await own.page.goBack();
  await expect(own.page.getByRole("button", { name: "Sign in" })).toBeVisible();
  expect(own.complaints).toEqual([]);
});

test("the organization is renamed, exported, to be deleted, and kept", async () => {
  await page.goto("/settings?tab=organization");
  await page.getByLabel("Name", { exact: true }).fill(`${NAME} Ltd`);
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(page.getByText("It is renamed.")).toBeVisible();
  await expect(page.getByRole("banner").getByText(`${NAME} Ltd`)).toBeVisible();
  expect(await judge(page, "settings-organization")).toEqual([]);
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export everything (JSON)" }).click();
  expect((await file).suggestedFilename()).toBe("organization.json");
  await page.getByRole("button", { name: "Delete the organization" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("another");
  await dialog.getByRole("button", { name: "Delete in two weeks" }).click();
  await expect(dialog.getByText(/to go on/)).toBeVisible();
  expect(await judge(page, "settings-delete")).toEqual([]);
  await dialog.getByRole("textbox").fill(`${NAME} Ltd`);
  await dialog.getByRole("button", { name: "Delete in two weeks" }).click();
  await expect(page.getByText(/will be deleted on/).first()).toBeVisible();
  expect(await judge(page, "settings-deletion-due")).toEqual([]);
  await page.getByRole("button", { name: "Keep the organization" }).click();
  await expect(page.getByText(/will be deleted on/)).toHaveCount(0);
});

test("what is kept about one is a file; the only owner cannot go", async () => {
  await page.goto("/settings");
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: /Export what is kept about me/ }).click();
  expect((await file).suggestedFilename()).toBe("oneself.json");
  await page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = page.getByRole("dialog");
  const act = dialog.getByRole("button", { name: "Delete my account" });
  await dialog.getByRole("textbox").fill("other@example.com");
  await act.click();
  await expect(dialog.getByText("This is not your address.")).toBeVisible();
  expect(await judge(page, "settings-leave")).toEqual([]);
  await dialog.getByRole("textbox").fill(address);
  await act.click();
  await expect(dialog.getByText(/owner/)).toBeVisible();
});

test("who goes is signed out, and cannot sign in again", async ({
  browser,
  request,
  baseURL,
}) => {
  const member = await newMember(request, await scriptOf(request), "member");
  const own = await signIn(browser, baseURL, member);
  await own.page.goto("/settings");
  await own.page.getByRole("button", { name: "Delete my account" }).click();
  const dialog = own.page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(member.email);
  await dialog.getByRole("button", { name: "Delete my account" }).click();
  await expect(own.page).toHaveURL(/\/sign-in/);
  await own.page.getByLabel("E-mail").fill(member.email);
  await own.page.getByLabel("Password", { exact: true }).fill(member.password);
  await own.page.getByRole("button", { name: "Sign in" }).click();
  await expect(own.page.getByRole("alert")).toBeVisible();
  await own.page.goto("/");
  await expect(own.page).toHaveURL(/\/sign-in/);
  expect(own.complaints).toEqual([]);
});

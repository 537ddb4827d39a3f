// Who belongs to the organization, the keys of its scripts, and what was done in it. What
// is made here is taken back here.
import { expect, type Page, test } from "@playwright/test";
import { judge } from "./judge";
import { linkTo, OWNER, PASSWORD, signIn } from "./people";

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, baseURL }) => {
  ({ page, complaints } = await signIn(browser, baseURL));
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

const told = () => page.getByRole("main").getByRole("status");
const dialog = (name: string | RegExp) => page.getByRole("dialog", { name });

test("invites somebody, sends it again, and withdraws it", async () => {
  const address = `guest-${Date.now()}@example.com`;
  await page.goto("/team");
  await expect(page.getByText("you", { exact: true })).toBeVisible();
  expect(await judge(page, "team")).toEqual([]);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(page).toHaveURL(/act=invite/);
  const form = dialog("Invite somebody");
  await form.getByRole("button", { name: "Add a label" }).click();
  await form.getByRole("button", { name: "Send the invitation" }).click();
  await expect(form.getByText("Write an address like")).toBeVisible();
  await expect(form.getByText("Name the label, or remove the line.")).toBeVisible();
  expect(await judge(page, "team-invite")).toEqual([]);
  await form.getByLabel("Label", { exact: true }).fill("client");
  await form.getByLabel("Values").fill("north");
  await form.getByLabel("E-mail").fill(address);
  await form.getByRole("button", { name: "Send the invitation" }).click();
  await expect(told()).toContainText(address);
  const row = page.getByRole("listitem").filter({ hasText: address });
  await expect(row).toContainText("client: north");
  await told().getByRole("button", { name: "Close" }).click();
  await row.getByRole("button", { name: /Send again/ }).click();
  await expect(told()).toContainText(address);
  await expect(row).toHaveCount(1);
  await row.getByRole("button", { name: /Withdraw/ }).click();
  expect(await judge(page, "team-withdraw")).toEqual([]);
  await dialog("Withdraw the invitation?")
    .getByRole("button", { name: "Withdraw" })
    .click();
  await expect(row).toHaveCount(0);
  await page.getByLabel("Also those that are over").check();
  await expect(row.first()).toContainText("Withdrawn");
});

test("limits a member, and removes them", async ({ browser, baseURL }) => {
  const address = `vera-${Date.now()}@example.com`;
  await page.goto("/team?act=invite");
  const form = dialog("Invite somebody");
  await form.getByLabel("E-mail").fill(address);
  await form.getByRole("button", { name: "Send the invitation" }).click();
  await expect(told()).toContainText(address);
  const theirs = await (await browser.newContext({ baseURL })).newPage();
  const { hash } = new URL(linkTo(address));
  await theirs.goto(`/accept-invitation${hash}`);
  await theirs.getByLabel("Your name").fill("Vera Visitor");
  await theirs.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await theirs.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(theirs.getByText("Sign in as")).toBeVisible();
  await theirs.close();

  await page.goto("/team");
  const row = page.getByRole("listitem").filter({ hasText: address });
  const menu = row.getByRole("button", { name: "What to do with Vera Visitor" });
  await menu.click();
  await page.getByRole("menuitem", { name: /Change role/ }).click();
  const change = dialog("What Vera Visitor may");
  await change.getByLabel("Last day").fill("2020-01-01");
  await change.getByRole("button", { name: "Save" }).click();
  // The server's own word, beside its field.
  await expect(change.getByText("Name a time to come.")).toBeVisible();
  expect(await judge(page, "team-change")).toEqual([]);
  await change.getByLabel("Last day").fill("2099-01-31");
  await change.getByRole("combobox", { name: "Role" }).click();
  await page.getByRole("option", { name: "Member" }).click();
  await change.getByRole("button", { name: "Save" }).click();
  await expect(told()).toContainText("Vera Visitor was changed.");
  await expect(row).toContainText("2099");
  await menu.click();
  // Who has a limit cannot own the organization.
  await expect(page.getByText("Lift the limits first.")).toBeVisible();
  await page.getByRole("menuitem", { name: /Remove/ }).click();
  expect(await judge(page, "team-remove")).toEqual([]);
  await dialog("Remove Vera Visitor?").getByRole("button", { name: "Remove" }).click();
  await expect(told()).toContainText("no member any more");
  await expect(row).toHaveCount(0);
});

test("says why the only owner cannot leave", async () => {
  await page.goto("/team?act=remove&of=nobody");
  const row = page.getByRole("listitem").filter({ hasText: "you" }).first();
  await row.getByRole("button", { name: /What to do with/ }).click();
  const leave = page.getByRole("menuitem", { name: /Leave/ });
  await expect(leave).toBeVisible();
  expect(await judge(page, "team-menu")).toEqual([]);
  await page.keyboard.press("Escape");
});

test("makes a key after a fresh proof, shows it once, and revokes it", async () => {
  const name = `report ${Date.now()}`;
  await page.goto("/api-keys");
  await expect(page.getByRole("tab", { name: "Active" })).toBeVisible();
  await page.getByRole("main").getByRole("button", { name: "New key" }).first().click();
  const form = dialog("A new API key");
  await form.getByRole("button", { name: "Make the key" }).click();
  await expect(form.getByText("Choose what it is for.")).toBeVisible();
  expect(await judge(page, "api-keys-new")).toEqual([]);
  await form.getByLabel("Name").fill(name);
  await form.getByRole("button", { name: "All of Read" }).click();
  await form.getByLabel("Good only from").fill("192.0.2.0/24\nnowhere");
  await form.getByRole("button", { name: "Make the key" }).click();
  // The server's own word, beside its field.
  await expect(form.getByText(/Write an address or a network/)).toBeVisible();
  await form.getByLabel("Good only from").fill("192.0.2.0/24");

  // As if the sign-in were long ago.
  const problem = { code: "step-up-required", title: "Prove again", errors: [] };
  await page.route(
    "**/api/v1/api-keys",
    (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify(problem),
      }),
    { times: 1 },
  );
  await form.getByRole("button", { name: "Make the key" }).click();
  const proof = dialog("Is it still you?");
  await proof.getByLabel("Your password").fill("not the password");
  await proof.getByRole("button", { name: "Go on" }).click();
  await expect(proof.getByText("This is not your password.")).toBeVisible();
  expect(await judge(page, "step-up")).toEqual([]);
  await proof.getByLabel("Your password").fill(OWNER.password);
  await proof.getByRole("button", { name: "Go on" }).click();
  const made = dialog(`The key “${name}”`);
  await expect(made.getByRole("region", { name: "key" })).toContainText(/^cr_\w+/);
  expect(await judge(page, "api-keys-made")).toEqual([]);
  await made.getByRole("button", { name: "I have copied it" }).click();

  expect(await judge(page, "api-keys")).toEqual([]);
  await page.getByRole("link", { name }).click();
  await expect(dialog(name)).toContainText("192.0.2.0/24");
  expect(await judge(page, "api-key")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: `Revoke ${name}` }).click();
  await dialog(`Revoke “${name}”?`).getByRole("button", { name: "Revoke" }).click();
  await expect(told()).toContainText("is revoked");
  await page.getByRole("tab", { name: "No longer good" }).click();
  await expect(page.getByRole("link", { name })).toBeVisible();
});

test("the log says who did it, with details, filters and a file", async () => {
  await page.goto("/audit-log?from=never&id=7");
  await expect(page.getByRole("heading", { name: "Ends of the chain" })).toBeVisible();
  expect(await judge(page, "audit-log")).toEqual([]);
  await page.getByRole("combobox", { name: "Action" }).fill("api_key.revoke");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/action=api_key.revoke/);
  const events = page.getByRole("region", { name: "Events" });
  await expect(events.getByRole("link", { name: "task.execute" })).toHaveCount(0);
  await events.getByRole("link", { name: "api_key.revoke" }).first().click();
  await expect(dialog("api_key.revoke")).toContainText("prefix");
  expect(await judge(page, "audit-event")).toEqual([]);
  await page.keyboard.press("Escape");
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  expect((await coming).suggestedFilename()).toBe("audit-log.csv");
  await page.goto("/audit-log?action=no.such");
  await expect(page.getByText("No event matches")).toBeVisible();
  expect(await judge(page, "audit-log-none")).toEqual([]);
});

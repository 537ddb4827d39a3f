// Whom the organization tells: a channel that is confirmed and tried, a rule with its
// preview, a webhook endpoint with its secret, and a mute.
import { expect, type Page, test } from "@playwright/test";
import { judge } from "./judge";
import { linkTo, signIn } from "./people";

const STAMP = Date.now();
const ADDRESS = `told-${STAMP}@example.com`;
const CHANNEL = `Told ${STAMP}`;
const RULE = `Grave ${STAMP}`;
const ENDPOINT = `Tickets ${STAMP}`;

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, baseURL }) => {
  ({ page, complaints } = await signIn(browser, baseURL));
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

async function remove() {
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete it" }).click();
  await expect(page).toHaveURL(/\/notifications(\?|$)/);
}

test("an address is told nothing until whoever reads it agrees", async ({ browser }) => {
  await page.goto("/notifications");
  await expect(page.getByRole("tab", { name: "Channels", selected: true })).toBeVisible();
  expect(await judge(page, "channels")).toEqual([]);
  await page.getByRole("link", { name: "Add a channel" }).click();
  await page.getByRole("button", { name: "Add the channel" }).click();
  await expect(page.getByText("Write an address.")).toBeVisible();
  expect(await judge(page, "channel-new")).toEqual([]);
  await page.getByLabel("Name", { exact: true }).fill(CHANNEL);
  await page.getByLabel("Address", { exact: true }).fill(ADDRESS);
  await page.getByRole("button", { name: "Add the channel" }).click();
  await expect(page.getByText("Not confirmed")).toBeVisible();
  await expect(page.getByText("It was told nothing yet")).toBeVisible();
  expect(await judge(page, "channel-unconfirmed")).toEqual([]);

  const reader = await (await browser.newContext()).newPage();
  const { hash } = new URL(linkTo(ADDRESS));
  await reader.goto(`${process.env.CONSOLE_URL ?? ""}/confirm-channel${hash}`);
  expect(await judge(reader, "confirm-channel")).toEqual([]);
  await reader.getByRole("button", { name: "Yes, send them to me" }).click();
  await expect(
    reader.getByRole("heading", { name: "Notices come to your address" }),
  ).toBeVisible();
  await reader.reload();
  await reader.getByRole("button", { name: "Yes, send them to me" }).click();
  await expect(reader.getByRole("alert")).toBeVisible();
  await reader.close();
});

test("a channel is tried, changed and disabled", async () => {
  await page.goto("/notifications");
  await page.getByRole("link", { name: CHANNEL }).click();
  await page.getByRole("button", { name: `Test ${CHANNEL}` }).click();
  await expect(page.getByText("The last test arrived.")).toBeVisible({ timeout: 60_000 });
  expect(await judge(page, "channel")).toEqual([]);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByLabel("Name", { exact: true }).fill(`${CHANNEL} again`);
  await page.getByRole("button", { name: "Save the channel" }).click();
  await expect(page.getByRole("heading", { name: `${CHANNEL} again` })).toBeVisible();
  await page.getByRole("switch", { name: /is enabled/ }).click();
  await expect(page.getByText("It is told nothing.", { exact: true })).toBeVisible();
});

test("a secret that is missing is asked for beside its field", async () => {
  await page.goto("/notifications/channels/new");
  await page.getByLabel("Type").click();
  await page.getByRole("option", { name: "Slack" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Nowhere");
  await page.getByRole("button", { name: "Add the channel" }).click();
  await expect(page.getByText("Paste the webhook's URL.")).toBeVisible();
  await page.getByLabel("URL of the incoming webhook").fill("https://example.com/hook");
  await page.getByRole("button", { name: "Add the channel" }).click();
  // The server's own rule, beside its field.
  await expect(page.locator("#field-url-helper-text")).toHaveClass(/Mui-error/);
  await page.getByLabel("Type").click();
  await page.getByRole("option", { name: "Amazon SNS" }).click();
  expect(await judge(page, "channel-new-sns")).toEqual([]);
});

test("a rule says beforehand what it would have told", async () => {
  page.once("dialog", (dialog) => void dialog.accept());
  await page.goto("/notifications?tab=rules");
  expect(await judge(page, "rules")).toEqual([]);
  await page.getByRole("link", { name: "Make a rule" }).click();
  await page.getByLabel("Name", { exact: true }).fill(RULE);
  await page.getByLabel("Channels").click();
  await page.getByRole("option", { name: "Owners and admins" }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Only if it still goes on after").fill("soon");
  await page.getByRole("button", { name: "Look" }).click();
  await expect(page.getByText("Write 15 min, 2 h or 1 d.")).toBeVisible();
  await page.getByLabel("Only if it still goes on after").fill("15 min");
  await page.getByRole("switch", { name: /^Quiet hours/ }).click();
  await page.getByLabel("Told", { exact: true }).click();
  await page.getByRole("option", { name: "As one message a week" }).click();
  await page.getByRole("button", { name: "Look" }).click();
  await expect(page.getByText(/of the last|no notices/)).toBeVisible();
  expect(await judge(page, "rule-new")).toEqual([]);
  await page.getByRole("button", { name: "Make the rule" }).click();
  await page.getByRole("link", { name: RULE }).click();
  await expect(page.getByLabel("Only if it still goes on after")).toHaveValue("15 min");
  expect(await judge(page, "rule")).toEqual([]);

  // Somebody else saves in between: nothing is overwritten unseen.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByLabel("Only if it still goes on after").fill("2 h");
  await other.getByRole("button", { name: "Save the rule" }).click();
  await expect(other).toHaveURL(/tab=rules/);
  await other.close();
  await page.getByLabel("Only if it still goes on after").fill("1 d");
  await page.getByRole("button", { name: "Save the rule" }).click();
  await expect(page.getByText(/Somebody else changed the rule/)).toBeVisible();
  expect(await judge(page, "rule-met")).toEqual([]);
  await page.getByRole("button", { name: "Take theirs" }).click();
  await expect(page.getByLabel("Only if it still goes on after")).toHaveValue("2 h");
  await remove();
  await expect(page.getByRole("link", { name: RULE })).toBeHidden();
});

test("the secret of an endpoint is shown once, and rotated with an overlap", async () => {
  await page.goto("/notifications/endpoints/new");
  await page.getByLabel("Name", { exact: true }).fill(ENDPOINT);
  await page.getByLabel("URL").fill("https://10.0.0.1/hook");
  await page.getByRole("button", { name: "Add the endpoint" }).click();
  await expect(page.locator("#field-url-helper-text")).toHaveClass(/Mui-error/);
  await page.getByLabel("URL").fill("https://hooks.example.com/cloudrota");
  expect(await judge(page, "endpoint-new")).toEqual([]);
  await page.getByRole("button", { name: "Add the endpoint" }).click();
  await expect(
    page.getByRole("region", { name: "signing secret", exact: true }),
  ).toContainText("whsec_");
  expect(await judge(page, "endpoint-secret")).toEqual([]);
  await page.getByRole("link", { name: "I have stored it" }).click();
  await expect(page.getByRole("heading", { name: ENDPOINT })).toBeVisible();
  await page.getByRole("button", { name: "Rotate the secret" }).click();
  await expect(page.getByText(/For 24 hours every event has two/)).toBeVisible();
  await page.getByRole("button", { name: "Rotate it" }).click();
  await expect(page.getByText(/signs along until/).first()).toBeVisible();
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByText("the last secret signs along until")).toBeVisible();
  expect(await judge(page, "endpoint")).toEqual([]);
  await page.goto("/notifications?tab=endpoints");
  await expect(page.getByRole("link", { name: ENDPOINT })).toBeVisible();
  expect(await judge(page, "endpoints")).toEqual([]);
  await page.getByRole("link", { name: ENDPOINT }).click();
  await remove();
  // Its only row is being deleted: that is empty, not blank.
  await expect(page.getByText("No endpoint yet")).toBeVisible();
  expect(await judge(page, "endpoints-none")).toEqual([]);
});

test("what is muted says until when and why, and can be unmuted", async () => {
  await page.goto("/notifications");
  await page.getByRole("link", { name: `${CHANNEL} again` }).click();
  await page.getByRole("button", { name: "Mute", exact: true }).click();
  await page.getByLabel("Reason").fill("It moves house.");
  expect(await judge(page, "mute")).toEqual([]);
  await page.getByRole("button", { name: "Mute it" }).click();
  await expect(page.getByText("Muted until")).toBeVisible();
  await page.goto("/notifications?tab=mutes");
  await expect(page.getByText("It moves house.")).toBeVisible();
  expect(await judge(page, "mutes")).toEqual([]);
  await page
    .getByRole("listitem")
    .filter({ hasText: "It moves house." })
    .getByRole("button", { name: "Unmute" })
    .click();
  await expect(page.getByText("It moves house.")).toBeHidden();
  await page.goto("/notifications");
  await page.getByRole("link", { name: `${CHANNEL} again` }).click();
  await remove();
});

test("what anybody was told is one list that leads to whom it was told", async () => {
  await page.goto("/notifications?tab=deliveries");
  const log = page.getByRole("region", { name: "Deliveries" });
  const first = log.getByRole("listitem").first();
  await first.getByRole("button").first().click();
  await expect(first.getByText("Why it is told")).toBeVisible();
  expect(await judge(page, "deliveries")).toEqual([]);
  await log.getByLabel("Outcome").click();
  await page.getByRole("option", { name: "Given up" }).click();
  await expect(page).toHaveURL(/status=dead/);
  await page.goBack();
  await first.getByRole("link", { name: "a channel" }).click();
  await expect(page).toHaveURL(/\/notifications\/channels\//);
});

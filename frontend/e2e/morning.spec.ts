// Nine in the morning, in the organization that the demo has made: every page of it, and
// from a problem to what is missing.
import { expect, type Page, test } from "@playwright/test";
import { judge } from "./judge";
import { OWNER, signIn } from "./people";

let page: Page;
let complaints: string[];

test.beforeAll(async ({ browser, baseURL }) => {
  ({ page, complaints } = await signIn(browser, baseURL));
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

const click = (name: RegExp | string) =>
  page.getByRole("main").getByRole("link", { name }).first().click();

test("the dashboard says how all are, and is live", async () => {
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByText(/need you|needs you|open problem/).first()).toBeVisible();
  expect(await judge(page, "dashboard")).toEqual([]);
});

test("a problem leads to the missing permission and its execution", async () => {
  await page.goto("/problems");
  expect(await judge(page, "problems")).toEqual([]);
  await click(/secretsmanager:ListSecrets/);
  await expect(page.getByRole("region", { name: "IAM statement" })).toContainText(
    "secretsmanager:ListSecrets",
  );
  expect(await judge(page, "problem")).toEqual([]);
  await click("Open the last execution that failed");
  await expect(page.getByRole("heading", { name: "Units" })).toBeVisible();
  await page
    .getByRole("button", { name: /secretsmanager.*Failed/ })
    .first()
    .click();
  await expect(page).toHaveURL(/unit=/);
  expect(await judge(page, "execution")).toEqual([]);
});

test("accounts, their ways in, and how one is connected", async () => {
  await page.goto("/accounts");
  expect(await judge(page, "accounts")).toEqual([]);
  await page.getByRole("main").getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "Health by service" })).toBeVisible();
  expect(await judge(page, "account")).toEqual([]);
  await page.getByRole("region", { name: "Ways in" }).getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "What we tried" })).toBeVisible();
  expect(await judge(page, "credentials")).toEqual([]);
  // A key that was revoked after it was verified: both are said.
  await page.goto("/accounts");
  await click(/archive/);
  const wrong = page.getByRole("region", { name: "Open problems" });
  await expect(wrong.getByRole("link", { name: /Signing in to AWS/ })).toBeVisible();
  await page.getByRole("region", { name: "Ways in" }).getByRole("link").first().click();
  await expect(page.getByText(/has refused executions of this account/)).toBeVisible();
  expect(await judge(page, "credentials-refused")).toEqual([]);
  await page.goto("/accounts/connect");
  await page.getByRole("button", { name: "Connect and verify" }).click();
  await expect(page.getByText(/Paste the role's ARN/)).toBeVisible();
  expect(await judge(page, "connect")).toEqual([]);
});

test("a task is made with its next runs in sight, and run by hand", async () => {
  await page.goto("/tasks");
  expect(await judge(page, "tasks")).toEqual([]);
  await page.getByRole("link", { name: "New task" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Morning look at buckets");
  await page.getByLabel("Services").fill("s3");
  await page.getByRole("option", { name: /\(s3\)/ }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Accounts", { exact: true }).click();
  await page.getByRole("option", { name: /production/ }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByText(/7:00|07:00/).first()).toBeVisible();
  await page.getByRole("button", { name: "Look" }).click();
  await expect(page.getByText(/units on each account/).last()).toBeVisible();
  expect(await judge(page, "task-new")).toEqual([]);
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(
    page.getByRole("heading", { name: "Morning look at buckets" }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(page).toHaveURL(/\/executions\//);
  // Told by the stream, without a reload.
  await expect(page.getByRole("banner").getByText("Live", { exact: true })).toBeVisible();
  await expect(page.getByRole("main").getByText("Succeeded").first()).toBeVisible({
    timeout: 90_000,
  });
  await click("its task");
  await expect(page.getByRole("heading", { name: "Definition" })).toBeVisible();
  expect(await judge(page, "task")).toEqual([]);
});

test("keys lead everywhere", async () => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/\/tasks/);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  expect(await judge(page, "keys")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).fill("aws accounts");
  expect(await judge(page, "palette")).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/accounts/);
});

test("a session that ends takes nothing that was typed along", async () => {
  await page.goto("/accounts/connect");
  await page.getByLabel("Name", { exact: true }).fill("Kept");
  await page.getByLabel("ARN of the role").fill("arn:aws:iam::123456789012:role/Kept");
  await page.route("**/api/v1/aws-credentials", (route) =>
    route.fulfill({ status: 401, contentType: "application/problem+json", body: "{}" }),
  );
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Connect and verify" }).click();
  await expect(
    page.getByRole("dialog", { name: "Your session has ended" }),
  ).toBeVisible();
  expect(await judge(page, "session-ended")).toEqual([]);
  await page
    .getByRole("dialog")
    .getByLabel("Password", { exact: true })
    .fill(OWNER.password);
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Kept");
});

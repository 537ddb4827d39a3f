// A newcomer's whole way: sign up, confirm the address from the mail, connect an account,
// make a task that the beat runs, learn what is missing, add it, and be well.
import { expect, type Page, test } from "@playwright/test";
import { judge, watch } from "./judge";
import { atCustomers, linkTo, PASSWORD } from "./people";

const ACCOUNT = String(Date.now()).slice(-12);
// All that the task needs but sqs:ListQueues.
const ALLOWED = ["ec2:DescribeRegions", "account:ListRegions", "s3:ListAllMyBuckets"];

test.describe.configure({ mode: "serial" });

let page: Page;
let complaints: string[];
let role: string;

test.beforeAll(async ({ browser, baseURL }) => {
  page = await (await browser.newContext({ baseURL })).newPage();
  complaints = watch(page);
});

test.afterAll(() => {
  expect(complaints).toEqual([]);
});

test("signs up, confirms the address, and signs in", async () => {
  const address = `newcomer-${Date.now()}@example.com`;
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);
  expect(await judge(page, "sign-in")).toEqual([]);

  await page.getByRole("link", { name: "Sign up" }).click();
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByText("Write your name.")).toBeVisible();
  expect(await judge(page, "sign-up")).toEqual([]);
  await page.getByLabel("Your name").fill("Nora Newcomer");
  await page.getByLabel("Organization").fill("Acme");
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill("cloudrota cloudrota");
  await page.getByRole("button", { name: "Sign up" }).click();
  // The server's own rule, beside its field.
  await expect(page.locator("#field-password-helper-text")).toContainText(
    "name of this product",
  );
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();

  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await expect(page.getByText("Getting started")).toBeVisible();
  expect(await judge(page, "dashboard-new")).toEqual([]);
  await page.goto("/tasks/new");
  await expect(page.getByText("There is no account to look at yet")).toBeVisible();

  const link = linkTo(address);
  await page.goto(link);
  expect(await judge(page, "verify-email")).toEqual([]);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(
    page.getByRole("heading", { name: "Your address is confirmed" }),
  ).toBeVisible();

  await page.context().clearCookies();
  await page.goto("/problems?status=closed");
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("tab", { name: "Closed", selected: true })).toBeVisible();
});

test("connects an account by a role that trusts as the page says", async () => {
  await page.goto("/");
  await page.getByRole("link", { name: "Begin" }).click();
  await page.getByRole("tab", { name: "By hand" }).click();
  const trust = await page.getByRole("region", { name: "trust policy" }).innerText();
  role = atCustomers("role", ACCOUNT, trust, ...ALLOWED);
  await page.getByLabel("Name", { exact: true }).fill("First account");
  await page.getByLabel("ARN of the role").fill(role);
  await page.getByRole("button", { name: "Connect and verify" }).click();
  await expect(page.getByRole("link", { name: "Make a task" })).toBeVisible({
    timeout: 60_000,
  });
});

test("makes a task, and the beat runs it", async () => {
  await page.getByRole("link", { name: "Make a task" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Queues and buckets");
  for (const service of ["s3", "sqs"]) {
    await page.getByRole("combobox", { name: "Services" }).fill(service);
    await page.getByRole("option", { name: `(${service})` }).click();
  }
  await page.keyboard.press("Escape");
  await page.getByLabel("Accounts", { exact: true }).click();
  await page.getByRole("option", { name: /First account/ }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("Repeats").click();
  await page.getByRole("option", { name: /Expression/ }).click();
  // Hourly, and next within two minutes; the zone is the browser's, and so ours.
  const minute = new Date(Date.now() + 75_000).getMinutes();
  await page.getByLabel("Expression", { exact: true }).fill(`${minute} * * * *`);
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { name: "Queues and buckets" })).toBeVisible();
  // The beat's own slot, told by the stream.
  await expect(page.getByRole("main").getByText("Failed").first()).toBeVisible({
    timeout: 180_000,
  });
});

test("learns which permission is missing, adds it, and is well", async () => {
  await page.goto("/");
  await page
    .getByRole("main")
    .getByRole("link", { name: /sqs:ListQueues/ })
    .first()
    .click();
  const statement = await page.getByRole("region", { name: "IAM statement" }).innerText();
  atCustomers("allow", role, statement);
  await page.getByRole("button", { name: "Run all affected again" }).click();
  await page.getByRole("link", { name: "Queues and buckets" }).click();
  await expect(page.getByRole("main").getByText("Succeeded").first()).toBeVisible({
    timeout: 90_000,
  });
  await page.goto("/");
  await expect(page.getByText("The account is well.")).toBeVisible();
  await expect(page.getByText("Getting started")).toBeHidden();
  expect(await judge(page, "dashboard-well")).toEqual([]);
});

test("asks for a new password, and shows an unknown link as such", async () => {
  await page.context().clearCookies();
  await page.goto("/forgot-password");
  expect(await judge(page, "forgot-password")).toEqual([]);
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByText("a link is on its way")).toBeVisible();
  await page.goto("/reset-password#token=unknown");
  expect(await judge(page, "reset-password")).toEqual([]);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto("/accept-invitation#token=unknown");
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await judge(page, "accept-invitation-unknown")).toEqual([]);
});

// Paying: from the plans to the test checkout, back, and to one's invoices.
import { expect, test } from "@playwright/test";
import { judge } from "./judge";
import { newCustomer, signIn } from "./people";

test("a customer chooses a plan, pays, and finds it theirs", async ({
  browser,
  request,
  baseURL,
}) => {
  const customer = await newCustomer(request, "Paula");
  const { page, complaints } = await signIn(browser, baseURL, customer);
  await page.goto("/subscription");
  expect(await judge(page, "subscription-new")).toEqual([]);
  await page
    .getByRole("button", { name: /^(Try|Choose) Team/ })
    .first()
    .click();
  await expect(page.getByText("Test checkout")).toBeVisible();

  // A card that the bank refuses leads nowhere; one may come back without paying.
  await page.getByLabel("Card number").fill("4000 0000 0000 0002");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("link", { name: "Back without paying" }).click();
  await expect(page).toHaveURL(/\/subscription$/);

  await page
    .getByRole("button", { name: /^(Try|Choose) Team/ })
    .first()
    .click();
  await page.getByLabel("Card number").fill("4242 4242 4242 4242");
  await page.getByLabel("Country").fill("DE");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page).toHaveURL(/checkout=done/);
  await expect(page.getByText("The plan Team is yours.")).toBeVisible({
    timeout: 60_000,
  });
  expect(await judge(page, "subscription-paid")).toEqual([]);
  await page.getByRole("button", { name: /^Invoices/ }).click();
  await expect(page.getByText("Test checkout")).toBeVisible();
  expect(complaints).toEqual([]);
});

// The mails that were sent so far, as their readers see them.
import { expect, test } from "@playwright/test";
import { judge } from "./judge";
import { fromPython } from "./people";

type Sent = { subject: string; html: string };

// The newest of each kind: names and numbers in subjects make no other kind.
const NEWEST =
  "import json, sys; from pathlib import Path; from tests.mailbox import Mailbox;" +
  "print(json.dumps([{'subject': one.subject, 'html': one.html}" +
  " for one in Mailbox(Path(sys.argv[1])).mails()]))";
const kindOf = ({ subject }: Sent) =>
  subject
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, "")
    .split(" ")
    .slice(0, 4)
    .join("-");

test("every mail is as readable as a page, and fetches nothing", async ({ page }) => {
  const sent = JSON.parse(fromPython(NEWEST, process.env.MAILBOX ?? "")) as Sent[];
  const kinds = new Map(sent.map((one) => [kindOf(one), one.html]));
  expect(kinds.size).toBeGreaterThan(2);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const [kind, html] of kinds) {
    await page.setContent(html);
    await expect(page.locator("body")).toContainText("Cloudrota");
    expect(await judge(page, `mail-${kind}`)).toEqual([]);
  }
  expect(asked).toEqual([]);
});

import { expect, it } from "vitest";
import type { AccountHealthRead, AccountRead } from "~/client";
import { matching, type Seen } from "./matching";

function seen(
  name: string,
  verdict?: AccountHealthRead["verdict"],
  account: Partial<AccountRead> = {},
): Seen {
  const whole = { name, account_id: "111122223333", labels: {}, connected: true };
  return {
    account: { ...whole, ...account } as AccountRead,
    health: verdict && ({ verdict } as AccountHealthRead),
  };
}

const names = (found: readonly Seen[]) => found.map(({ account }) => account.name);

const ALL = [
  seen("Production", "unhealthy", { labels: { client: "North" } }),
  seen("Staging", "healthy", { account_id: "444455556666", labels: { client: "South" } }),
  seen("Coming"),
  seen("Former", "healthy", { connected: false }),
];

it("finds by name, account id and label, each word", () => {
  expect(names(matching(ALL, undefined, undefined))).toHaveLength(4);
  expect(names(matching(ALL, "prod", undefined))).toEqual(["Production"]);
  expect(names(matching(ALL, "4444", undefined))).toEqual(["Staging"]);
  expect(names(matching(ALL, "client:south", undefined))).toEqual(["Staging"]);
  expect(names(matching(ALL, "stag north", undefined))).toEqual([]);
});

it("finds by the verdict that is shown", () => {
  expect(names(matching(ALL, "", "unhealthy"))).toEqual(["Production"]);
  expect(names(matching(ALL, "", "healthy"))).toEqual(["Staging"]);
  expect(names(matching(ALL, "", "not_watched"))).toEqual(["Former"]);
});

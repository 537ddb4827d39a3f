import { expect, it } from "vitest";
import { EMPTY_KEY, keyOf, keyShape } from "./newKey";
import { scopeInWords, scopesFor, toggled } from "./scopes";

const NOW = Date.parse("2026-03-02T08:00:00Z");

it("takes addresses however they were pasted", () => {
  const of = (addresses: string) =>
    keyOf({ ...EMPTY_KEY, addresses }, NOW).allowed_addresses;
  expect(of("")).toBeNull();
  expect(of(" \n ")).toBeNull();
  expect(of("192.0.2.0/24, 2001:db8::7\n198.51.100.4;")).toEqual([
    "192.0.2.0/24",
    "2001:db8::7",
    "198.51.100.4",
  ]);
});

it("ends when it was said to", () => {
  const of = (typed: Partial<typeof EMPTY_KEY>) =>
    keyOf({ ...EMPTY_KEY, ...typed }, NOW).expires_at;
  expect(of({ lifetime: "30" })).toBe("2026-04-01T08:00:00.000Z");
  expect(of({ lifetime: "never", until: "2030-01-01" })).toBeNull();
  expect(of({ lifetime: "day", until: "2030-01-01" })).toMatch(/^20(30|29)/);
});

it("asks for what is missing, each beside its field", () => {
  const { error } = keyShape.safeParse({ ...EMPTY_KEY, name: " " });
  expect(error?.issues.map(({ path }) => path[0])).toEqual(["name", "scopes"]);
  const named = { ...EMPTY_KEY, name: "report", scopes: ["tasks.read"] };
  expect(keyShape.safeParse(named).success).toBe(true);
  const endless = keyShape.safeParse({ ...named, lifetime: "day" });
  expect(endless.error?.issues.map(({ path }) => path[0])).toEqual(["until"]);
});

it("offers no more than one may, in one order", () => {
  const own = ["tasks.edit", "tasks.read", "members.edit"] as const;
  expect(scopesFor([...own]).map(({ id }) => id)).toEqual(["tasks.read", "tasks.edit"]);
  expect(toggled(["tasks.edit"], ["tasks.read"], true)).toEqual([
    "tasks.read",
    "tasks.edit",
  ]);
  expect(toggled(["tasks.edit"], ["tasks.edit"], false)).toEqual([]);
  expect(scopeInWords("tasks.execute")).toBe("Run tasks");
  expect(scopeInWords("something.new")).toBe("something.new");
});

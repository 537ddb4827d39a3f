import { expect, it } from "vitest";
import { isNarrowed, queryOf, wantedOf } from "./wanted";

const ACCOUNT = "0198f3c2-7a51-7b3e-9c5d-2f6a1b8e4d70";

it("asks the server for what stands in the URL, and for nothing else", () => {
  const wanted = wantedOf({
    q: "orders",
    account: ACCOUNT,
    verdict: "unhealthy",
    tag: ["team=web", "prod"],
  });
  expect(queryOf(wanted)).toEqual({
    q: "orders",
    account_id: ACCOUNT,
    verdict: "unhealthy",
    tag: ["team=web", "prod"],
  });
  expect(isNarrowed(wanted)).toBe(true);
});

it("leaves out what makes no sense", () => {
  const wanted = wantedOf({
    q: 7,
    account: "../x",
    verdict: "splendid",
    presence: "present",
    tag: [{}, ""],
  });
  expect(queryOf(wanted)).toEqual({});
  expect(isNarrowed(wanted)).toBe(false);
});

it("takes one tag as it takes several, at most ten", () => {
  expect(wantedOf({ tag: "prod" }).tag).toEqual(["prod"]);
  const many = Array.from({ length: 14 }, (_, index) => `t${index}`);
  expect(wantedOf({ tag: many }).tag).toHaveLength(10);
});

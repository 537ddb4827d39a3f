import { expect, it } from "vitest";
import { isIn, kindInWords, whyNotRevoke } from "./state";

const MINE = { kind: "personal" as const, owner: { id: "me", name: "Alice" } };
const SERVICE = { kind: "service" as const, owner: null };

it("keeps what no longer works apart", () => {
  expect(isIn("active", { state: "active" })).toBe(true);
  for (const state of ["expired", "revoked", "member_gone"] as const) {
    expect(isIn("active", { state })).toBe(false);
    expect(isIn("over", { state })).toBe(true);
  }
});

it("says whose a key is, and who may revoke it", () => {
  expect(kindInWords(MINE)).toBe("Personal key of Alice");
  expect(kindInWords(SERVICE)).toBe("Service key");
  const member = { userId: "me", mayEdit: true, mayEditService: false };
  expect(whyNotRevoke(MINE, member)).toBe("");
  expect(whyNotRevoke(SERVICE, member)).toMatch(/Only an admin/);
  expect(whyNotRevoke(SERVICE, { ...member, mayEditService: true })).toBe("");
  expect(whyNotRevoke(MINE, { ...member, mayEdit: false })).toMatch(/may not/);
});

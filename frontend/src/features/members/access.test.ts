import { expect, it } from "vitest";
import type { MemberRead } from "~/client";
import { accessOf, accessShape, invitationOf, NEWCOMER, patchOf } from "./access";

const NORA: MemberRead = {
  id: "m",
  user_id: "u",
  name: "Nora",
  email: "nora@example.com",
  role: "viewer",
  label_scope: { client: ["north"] },
  expires_at: "2030-01-31T08:15:00Z",
  created_at: "2026-01-01T00:00:00Z",
};

it("sends what was changed, and nothing else", () => {
  const access = accessOf(NORA);
  expect(patchOf(NORA, access)).toEqual({});
  expect(patchOf(NORA, { ...access, role: "member" })).toEqual({ role: "member" });
  expect(patchOf(NORA, { ...access, lines: [] })).toEqual({ label_scope: null });
  expect(patchOf(NORA, { ...access, until: "" })).toEqual({ expires_at: null });
});

it("gives an owner no limits", () => {
  expect(patchOf(NORA, { ...accessOf(NORA), role: "owner" })).toEqual({
    role: "owner",
    label_scope: null,
    expires_at: null,
  });
  const typed = { ...accessOf(NORA), role: "owner" as const };
  expect(invitationOf(typed).label_scope).toBeNull();
});

it("refuses a line that limits nothing", () => {
  const typed = { ...NEWCOMER, email: "a@example.com" };
  expect(accessShape.safeParse(typed).success).toBe(true);
  const bare = { ...typed, lines: [{ label: "client", values: [] }] };
  expect(accessShape.safeParse(bare).success).toBe(false);
});

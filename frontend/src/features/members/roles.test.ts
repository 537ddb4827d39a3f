import { expect, it } from "vitest";
import type { InvitationRead, MemberRead, Role } from "~/client";
import { rolesToGive, waiting, whyNot, whyStay } from "./roles";

const own = (role: Role) => ({
  role,
  mayEdit: role === "admin" || role === "owner",
  mayTransfer: role === "owner",
});
const member = (role: Role, rest: Partial<MemberRead> = {}): MemberRead => ({
  id: "m",
  user_id: "u",
  name: "Nora",
  email: "nora@example.com",
  role,
  label_scope: null,
  expires_at: null,
  created_at: "2026-01-01T00:00:00Z",
  ...rest,
});

it("gives and takes no more than one has", () => {
  expect(rolesToGive("admin")).toEqual(["viewer", "member", "admin"]);
  expect(whyNot("change", own("admin"), member("admin"))).toBe("");
  expect(whyNot("change", own("admin"), member("owner"))).toMatch(/cannot change/);
  expect(whyNot("remove", own("viewer"), member("viewer"))).toMatch(/may not/);
});

it("hands over to who has no limit", () => {
  expect(whyNot("transfer", own("owner"), member("viewer"))).toBe("");
  expect(whyNot("transfer", own("admin"), member("admin"))).toMatch(/Only an owner/);
  const limited = member("admin", { label_scope: { client: ["north"] } });
  expect(whyNot("transfer", own("owner"), limited)).toMatch(/Lift/);
});

it("keeps the only owner, where the whole list says that it is", () => {
  const alone = [member("owner"), member("admin")];
  expect(whyStay(own("owner"), alone, true)).toMatch(/only owner/);
  expect(whyStay(own("owner"), alone, false)).toBe("");
  expect(whyStay(own("owner"), [...alone, member("owner")], true)).toBe("");
  expect(whyStay(own("admin"), alone, true)).toBe("");
});

it("shows an invitation until it is answered or sent again", () => {
  const of = (email: string, status: InvitationRead["status"]) =>
    ({ email, status }) as InvitationRead;
  const shown = waiting([
    of("a", "open"),
    of("a", "withdrawn"),
    of("b", "accepted"),
    of("b", "expired"),
    of("c", "expired"),
  ]);
  expect(shown).toEqual([of("a", "open"), of("c", "expired")]);
});

// What a form about somebody's access holds, and what is sent of it.
import { z } from "zod";
import type { InvitationCreate, MemberPatch, MemberRead } from "~/client";
import {
  dayOf,
  endOfDay,
  type LimitLine,
  limitOf,
  linesOf,
  wrongIn,
} from "~/parts/limits";

const lines = z
  .array(z.object({ label: z.string(), values: z.array(z.string()).readonly() }))
  .superRefine((typed, context) => {
    const wrong = wrongIn(typed);
    if (wrong) context.addIssue({ code: "custom", message: wrong });
  });

export const accessShape = z.object({
  email: z.email("Write an address like alice@example.com.").max(254),
  role: z.enum(["viewer", "member", "admin", "owner"]),
  lines,
  until: z.string(),
});
export type Access = z.infer<typeof accessShape>;

export const NEWCOMER: Access = { email: "", role: "viewer", lines: [], until: "" };

export function accessOf(member: MemberRead): Access {
  return {
    email: member.email,
    role: member.role,
    lines: linesOf(member.label_scope),
    until: dayOf(member.expires_at),
  };
}

const scopeOf = (role: Access["role"], typed: readonly LimitLine[]) =>
  role === "owner" ? null : limitOf(typed);
const endOf = (role: Access["role"], until: string) =>
  role === "owner" ? null : endOfDay(until);

/** An owner has no limits, whatever stood in the form before. */
export function invitationOf({ email, role, lines, until }: Access): InvitationCreate {
  return {
    email,
    role,
    label_scope: scopeOf(role, lines),
    member_expires_at: endOf(role, until),
  };
}

/** Only what was changed: an end with its time of day stays as it is. */
export function patchOf(member: MemberRead, typed: Access): MemberPatch {
  const { role, lines, until } = typed;
  const patch: MemberPatch = {};
  if (role !== member.role) patch.role = role;
  const scope = scopeOf(role, lines);
  if (JSON.stringify(scope) !== JSON.stringify(member.label_scope))
    patch.label_scope = scope;
  const kept = role === "owner" ? "" : until;
  if (kept !== dayOf(member.expires_at)) patch.expires_at = endOf(role, until);
  return patch;
}

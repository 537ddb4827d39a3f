// Who may do what to whom in the organization: each role may all that those before it may.
import type { InvitationRead, MemberRead, Role } from "~/client";

const RANKS: readonly Role[] = ["viewer", "member", "admin", "owner"];

export const ROLES: Readonly<Record<Role, { label: string; may: string }>> = {
  viewer: { label: "Viewer", may: "Sees everything, and changes nothing." },
  member: { label: "Member", may: "Makes and runs tasks, and sees to problems." },
  admin: {
    label: "Admin",
    may: "Also manages accounts, people, keys, notifications and billing.",
  },
  owner: {
    label: "Owner",
    may: "Also renames, hands over and deletes the organization.",
  },
};

/** Nobody gives what they may not do themselves. */
export function rolesToGive(own: Role): readonly Role[] {
  return RANKS.slice(0, RANKS.indexOf(own) + 1);
}

export type Act = "change" | "remove" | "transfer";
type Own = { role: Role; mayEdit: boolean; mayTransfer: boolean };

/** Why one may not do this to a member; empty where one may. */
export function whyNot(act: Act, own: Own, member: MemberRead): string {
  if (act === "transfer") {
    if (!own.mayTransfer) return "Only an owner hands the organization over.";
    if (member.label_scope || member.expires_at) return "Lift the limits first.";
    return "";
  }
  if (!own.mayEdit) return "Your role may not change members.";
  if (!rolesToGive(own.role).includes(member.role))
    return `Your role, ${own.role}, cannot change an ${member.role}.`;
  return "";
}

/** Why one cannot leave; empty where one can. Only the whole list can tell. */
export function whyStay(
  own: Own,
  members: readonly MemberRead[],
  isWhole: boolean,
): string {
  const owners = members.filter(({ role }) => role === "owner");
  return isWhole && own.role === "owner" && owners.length === 1
    ? "You are the only owner. Hand the organization over first."
    : "";
}

/** Those that still wait for an answer, or did so in vain and were not invited again. */
export function waiting(invitations: readonly InvitationRead[]): InvitationRead[] {
  const answered = new Set<string>();
  // The newest first: what was done later about an address counts.
  return invitations.filter(({ email, status }) => {
    const isLast = !answered.has(email);
    answered.add(email);
    return status === "open" || (status === "expired" && isLast);
  });
}

// How a key stands: its word, its look, and in which of the two lists it is.
import type { ApiKeyRead } from "~/client";

export const LISTS = ["active", "over"] as const;
export type List = (typeof LISTS)[number];

export const isIn = (list: List, { state }: Pick<ApiKeyRead, "state">): boolean =>
  (state === "active") === (list === "active");

const WORDS: Readonly<Record<ApiKeyRead["state"], string>> = {
  active: "Active",
  expired: "Expired",
  revoked: "Revoked",
  member_gone: "Its member is gone",
};

export const stateInWords = ({ state }: Pick<ApiKeyRead, "state">) => WORDS[state];

/** "service key" or "personal key of Alice". */
export function kindInWords({ kind, owner }: Pick<ApiKeyRead, "kind" | "owner">): string {
  if (kind === "service") return "Service key";
  return owner ? `Personal key of ${owner.name}` : "Personal key";
}

/** Why one may not revoke it; empty where one may. */
export function whyNotRevoke(
  { kind, owner }: Pick<ApiKeyRead, "kind" | "owner">,
  own: { userId: string; mayEdit: boolean; mayEditService: boolean },
): string {
  if (!own.mayEdit) return "Your role may not revoke API keys.";
  const isOwn = kind === "personal" && owner?.id === own.userId;
  return isOwn || own.mayEditService ? "" : "Only an admin revokes another's key.";
}

// Which accounts a search leaves.
import type { AccountHealthRead, AccountRead } from "~/client";

export type Seen = { account: AccountRead; health: AccountHealthRead | undefined };

/** The word that is shown of an account; none while it is on its way. */
export const verdictOf = ({ account, health }: Seen): string | undefined =>
  account.connected ? health?.verdict : "not_watched";

/** Those that hold each word of `text` in name, account id or labels, and have the verdict
 * where one is named. */
export function matching(
  seen: readonly Seen[],
  text: string | undefined,
  verdict: string | undefined,
): Seen[] {
  const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return seen.filter((one) => {
    const { name, account_id, labels } = one.account;
    const pairs = Object.entries(labels).map(([key, value]) => `${key}:${value}`);
    const told = [name, account_id, ...pairs].join("\n").toLowerCase();
    return (
      words.every((word) => told.includes(word)) &&
      (!verdict || verdictOf(one) === verdict)
    );
  });
}

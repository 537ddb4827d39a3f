// What a task can be aimed at, out of the accounts there are.
import type { AccountRead } from "~/client";
import type { Choice } from "~/features/tasks/Choices";
import { written } from "~/features/tasks/labels";

/** The accounts that a way leads into. */
export const choicesOf = (accounts: readonly AccountRead[] | undefined) =>
  accounts
    ?.filter(({ connected }) => connected)
    .map(
      ({ id, name, account_id }): Choice => ({ id, label: `${name} (${account_id})` }),
    );

/** Every label of any account once, in order. */
export const labelsOf = (accounts: readonly AccountRead[]): string[] => {
  const all = accounts.flatMap(({ labels }) =>
    Object.entries(labels).map(([label, value]) => written(label, value)),
  );
  return [...new Set(all)].sort();
};

// What channels and rules may name, of all features.
import { useAccounts, useCredentialsOf } from "~/features/accounts/queries";
import { useChannels } from "~/features/notifications/queries";
import type { RuleChoices } from "~/features/notifications/RuleForm";
import type { Choice } from "~/features/notifications/words";
import { titleOfCategory } from "~/features/problems/words";
import { useEveryTask, useServices } from "~/features/tasks/queries";

const CATEGORIES = [
  "AWSAuthenticationError",
  "AWSPermissionError",
  "AWSServiceLimitError",
  "AWSServiceError",
  "AWSConnectivityError",
  "AWSConfigurationError",
].map((id) => ({ id, label: titleOfCategory(id) }));

const named = (items: readonly { id: string; name: string }[] | undefined) =>
  items?.map(({ id, name }): Choice => ({ id, label: name }));

type Query = { error: unknown; refetch: () => unknown };

/** What could not be read of them, to be told above the form; null for nothing. */
function troubleOfAll(queries: readonly Query[]) {
  const failed = queries.filter(({ error }) => error);
  if (failed.length === 0) return null;
  const retry = () => {
    for (const one of failed) one.refetch();
  };
  return { error: failed[0]?.error, onRetry: retry };
}

export function useRuleChoices() {
  const [services, channels] = [useServices(), useChannels()];
  const [accounts, tasks] = [useAccounts(), useEveryTask()];
  const choices: RuleChoices = {
    channels: named(channels.data?.items),
    categories: CATEGORIES,
    services: services.data?.items.map(({ name, title }) => ({
      id: name,
      label: `${title} (${name})`,
    })),
    accounts: named(accounts.data?.items),
    tasks: named(tasks.data?.items),
  };
  return { choices, trouble: troubleOfAll([services, channels, accounts, tasks]) };
}

/** The verified ways into accounts, by which SNS is published to. */
export function useCredentialChoices() {
  const found = useCredentialsOf();
  const verified = found.data?.items.filter(({ status }) => status === "verified");
  return { credentials: named(verified), trouble: troubleOfAll([found]) };
}

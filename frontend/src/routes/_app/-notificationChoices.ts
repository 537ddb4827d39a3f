// What channels and rules may name, of all features.
import { useAccounts, useCredentialsOf } from "~/features/accounts/queries";
import { useChannels } from "~/features/notifications/queries";
import type { RuleChoices } from "~/features/notifications/RuleForm";
import type { Choice } from "~/features/notifications/words";
import { titleOfCategory } from "~/features/problems/words";
import { useServices, useTasks } from "~/features/tasks/queries";

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

export function useRuleChoices(): RuleChoices {
  const services = useServices().data?.items;
  return {
    channels: named(useChannels().data?.items),
    categories: CATEGORIES,
    services: services?.map(({ name, title }) => ({
      id: name,
      label: `${title} (${name})`,
    })),
    accounts: named(useAccounts().data?.items),
    tasks: named(useTasks({}).data?.items),
  };
}

/** The verified ways into accounts, by which SNS is published to. */
export function useCredentialChoices(): readonly Choice[] | undefined {
  const found = useCredentialsOf().data?.items;
  return named(found?.filter(({ status }) => status === "verified"));
}

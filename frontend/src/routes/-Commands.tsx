// What the command palette offers: pages compose what features know.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useAccounts } from "~/features/accounts/queries";
import { useMay, useMe } from "~/features/session/queries";
import { type Command, longestWord, Palette } from "~/features/shell/Palette";
import { PLACES } from "~/features/shell/places";
import { tasksQuery, useRunTask, useTasks } from "~/features/tasks/queries";

type Props = {
  onClose: () => void;
  onSwitch: (organizationId: string) => void;
  onHelp: () => void;
};

export function Commands({ onClose, onSwitch, onHelp }: Props) {
  const navigate = useNavigate();
  const me = useMe();
  const mayRun = useMay("tasks.execute");
  const mayEdit = useMay("tasks.edit");
  const mayConnect = useMay("credentials.edit");
  const [typed, setTyped] = useState("");
  const q = useDeferredValue(longestWord(typed));
  const newest = useQuery(tasksQuery({})).data?.items ?? [];
  // There may be many more, and the server knows them by name.
  const named = useTasks(q ? { q } : {});
  const tasks = new Map(
    [...newest, ...(named.data?.items ?? [])].map((one) => [one.id, one]),
  );
  const accounts = useAccounts().data?.items ?? [];
  const run = useRunTask();
  const commands: Command[] = PLACES.map(({ to, label }) => ({
    id: to,
    label,
    kind: "Go to",
    run: () => void navigate({ to }),
  }));
  if (mayEdit) {
    const toNew = () => void navigate({ to: "/tasks/new" });
    commands.push({ id: "new", label: "New task", kind: "Create", run: toNew });
  }
  if (mayConnect) {
    const toConnect = () => void navigate({ to: "/accounts/connect" });
    commands.push({
      id: "connect",
      label: "Connect an AWS account",
      kind: "Create",
      run: toConnect,
    });
  }
  commands.push({ id: "help", label: "Keys", kind: "Help", run: onHelp });
  for (const { id, name } of tasks.values()) {
    const toTask = () => void navigate({ to: "/tasks/$id", params: { id } });
    commands.push({ id, label: name, kind: "Task", run: toTask });
    if (mayRun) {
      const start = () => run.mutate({ path: { id } }, { onSuccess: toTask });
      commands.push({ id: `run-${id}`, label: name, kind: "Run now", run: start });
    }
  }
  for (const { id, name, account_id } of accounts) {
    const toAccount = () => void navigate({ to: "/accounts/$id", params: { id } });
    commands.push({
      id,
      label: `${name} ${account_id}`,
      kind: "AWS account",
      run: toAccount,
    });
  }
  for (const { organization_id, name } of me.memberships) {
    if (organization_id !== me.organization.id) {
      const to = () => onSwitch(organization_id);
      commands.push({ id: organization_id, label: name, kind: "Switch to", run: to });
    }
  }
  const nothing = named.isFetching
    ? "Looking…"
    : named.error
      ? "Nothing here is called that; the tasks could not be searched."
      : "Nothing is called that.";
  return (
    <Palette commands={commands} nothing={nothing} onTyped={setTyped} onClose={onClose} />
  );
}

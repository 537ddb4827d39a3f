// What a key may be made for, in words. What no key ever may is not in this list.
import type { Permission } from "~/client";

type Scope = { id: Permission; label: string; group: string };

const READ = "Read";
const ACT = "Act";

const SCOPES: readonly Scope[] = [
  { id: "tasks.read", label: "Tasks and schedules", group: READ },
  { id: "executions.read", label: "Runs, executions, problems", group: READ },
  { id: "inventory.read", label: "Inventory and health", group: READ },
  { id: "accounts.read", label: "AWS accounts", group: READ },
  { id: "credentials.read", label: "Ways into accounts, without secrets", group: READ },
  { id: "organization.read", label: "The organization", group: READ },
  { id: "members.read", label: "Members", group: READ },
  { id: "invitations.read", label: "Invitations", group: READ },
  { id: "audit.read", label: "The audit log", group: READ },
  { id: "usage.read", label: "Usage of the plan", group: READ },
  { id: "notifications.read", label: "Notification settings", group: READ },
  { id: "tasks.edit", label: "Make, change and delete tasks", group: ACT },
  { id: "tasks.execute", label: "Run tasks", group: ACT },
  { id: "executions.cancel", label: "Cancel executions", group: ACT },
  { id: "problems.edit", label: "Acknowledge problems", group: ACT },
  { id: "accounts.edit", label: "Labels and exclusions of accounts", group: ACT },
  { id: "evidence.export", label: "Export evidence", group: ACT },
];

/** Nobody gives a key what they may not do themselves. */
export function scopesFor(own: readonly Permission[]): Scope[] {
  return SCOPES.filter(({ id }) => own.includes(id));
}

export function scopeInWords(id: string): string {
  return SCOPES.find((one) => one.id === id)?.label ?? id;
}

/** The scopes in the order of the list, whatever was clicked first. */
export function toggled(
  chosen: readonly Permission[],
  ids: readonly Permission[],
  isOn: boolean,
): Permission[] {
  const wanted = new Set(chosen);
  for (const id of ids) {
    if (isOn) wanted.add(id);
    else wanted.delete(id);
  }
  return SCOPES.map(({ id }) => id).filter((id) => wanted.has(id));
}

// Who did something, and to what, as people read it.

type Named = { user_id: string; name: string };

/** Those that are no person, by the name that the log has for them. */
export const OTHERS: Readonly<Record<string, string>> = {
  system: "Cloudrota",
  nobody: "Somebody who was not signed in",
  stripe: "Stripe",
};

export function actorInWords(actor: string, members: readonly Named[]): string {
  const [kind = "", id = ""] = actor.split(/:(.*)/s);
  if (kind === "user")
    return members.find(({ user_id }) => user_id === id)?.name ?? "A former member";
  if (kind === "key") return "An API key";
  if (kind === "operator") return `Who runs this installation (${id})`;
  return OTHERS[actor] ?? actor;
}

export const SUBJECTS = [
  "api_key",
  "artifact",
  "audit_log",
  "aws_account",
  "aws_credentials",
  "execution",
  "inventory",
  "invitation",
  "member",
  "notification_channel",
  "notification_mute",
  "notification_rule",
  "organization",
  "permission",
  "plan",
  "problem",
  "session",
  "subscription",
  "task",
  "user",
  "webhook_endpoint",
] as const;

/** "notification_channel" is "Notification channel". */
export function subjectInWords(type: string): string {
  const words = type
    .replaceAll("_", " ")
    .replace(/^aws\b/, "AWS")
    .replace(/^api\b/, "API");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Those that are asked for most; any other can be typed. */
export const ACTIONS = [
  "access.refuse",
  "api_key.create",
  "api_key.revoke",
  "audit_log.export",
  "aws_account.connected",
  "aws_account.disconnected",
  "aws_account.updated",
  "aws_credentials.connected",
  "aws_credentials.deleted",
  "aws_credentials.replaced",
  "execution.cancel",
  "execution.resolve",
  "executions.export",
  "inventory.export",
  "invitation.accept",
  "invitation.create",
  "invitation.withdraw",
  "member.change",
  "member.leave",
  "member.remove",
  "mfa.turn_off",
  "mfa.turn_on",
  "organization.change",
  "organization.export",
  "organization.transfer",
  "problem.edit",
  "session.refuse",
  "session.revoke",
  "session.start",
  "session.step_up",
  "subscription.change",
  "task.create",
  "task.delete",
  "task.edit",
  "task.execute",
  "tasks.export",
  "webhook_endpoint.create",
  "webhook_endpoint.delete",
] as const;

/** One line of what an event tells, for the list. */
export function gist(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && typeof value !== "object")
    .map(([name, value]) => `${name.replaceAll("_", " ")}: ${String(value)}`)
    .join(", ");
}

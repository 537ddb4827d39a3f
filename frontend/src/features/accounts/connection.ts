// What is typed to connect an account, and what of it is sent.
import { z } from "zod";
import type { CredentialsConnect } from "~/client";

const ROLE = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
const KEY = /^AKIA[A-Z0-9]{12,124}$/;

export const shape = z
  .object({
    kind: z.enum(["role", "access_key"]),
    name: z.string().trim().min(1, "Write a name, such as Production.").max(200),
    role_arn: z.string().trim(),
    access_key_id: z.string().trim(),
    secret_access_key: z.string(),
  })
  .superRefine((typed, context) => {
    const wrong = (path: keyof typeof typed, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (typed.kind === "role") {
      if (!ROLE.test(typed.role_arn)) {
        wrong("role_arn", "Paste the role's ARN: arn:aws:iam::123456789012:role/Name");
      }
      return;
    }
    if (!KEY.test(typed.access_key_id)) {
      wrong("access_key_id", "The id of a long-term key begins with AKIA.");
    }
    if (!typed.secret_access_key)
      wrong("secret_access_key", "Paste the secret access key.");
  });

export type Connection = z.infer<typeof shape>;

/** Only what belongs to the kind: the other half is refused, and is nobody's business. */
export function bodyOf(typed: Connection): CredentialsConnect {
  const { kind, name } = typed;
  if (kind === "role") return { kind, name, role_arn: typed.role_arn };
  const { access_key_id, secret_access_key } = typed;
  return { kind, name, access_key_id, secret_access_key };
}

/** The ARN in whatever was pasted around it. */
export function arnIn(pasted: string): string {
  return (
    /arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+/.exec(pasted)?.[0] ?? pasted.trim()
  );
}

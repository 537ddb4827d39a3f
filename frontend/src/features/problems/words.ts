// What each category of error is called where people read it.
import type { ProblemRead } from "~/client";

const CATEGORIES: Record<string, string> = {
  AWSAuthenticationError: "Signing in to AWS failed",
  AWSPermissionError: "A permission is missing",
  AWSServiceLimitError: "A limit of AWS was reached",
  AWSServiceError: "AWS answered with an error",
  AWSConnectivityError: "AWS could not be reached",
  AWSConfigurationError: "A setting is wrong",
};

export const titleOfCategory = (category: string): string =>
  CATEGORIES[category] ?? category;

type Named = Pick<ProblemRead, "category" | "code" | "missing_action">;

/** "A permission is missing: secretsmanager:ListSecrets". */
export const titleOf = ({ category, code, missing_action }: Named): string =>
  `${titleOfCategory(category)}: ${missing_action ?? code}`;

/** What to add to the role, ready to be pasted. */
export function statementFor(action: string): string {
  const statement = { Effect: "Allow", Action: [action], Resource: "*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2);
}

import type { AuditEventRead } from "~/client";
import { subjectInWords } from "~/features/audit/words";
import { TextLink } from "~/parts/links";

/** What was acted on, as a link where it has a page. */
export function AuditSubject({ event }: { event: AuditEventRead }) {
  const { subject_type: type, subject_id: id } = event;
  const words = subjectInWords(type);
  if (!id) return words;
  const params = { id };
  if (type === "task")
    return <TextLink to="/tasks/$id" params={params} children={words} />;
  if (type === "execution")
    return <TextLink to="/executions/$id" params={params} children={words} />;
  if (type === "problem")
    return <TextLink to="/problems/$id" params={params} children={words} />;
  if (type === "aws_account")
    return <TextLink to="/accounts/$id" params={params} children={words} />;
  if (type === "aws_credentials")
    return <TextLink to="/aws-credentials/$id" params={params} children={words} />;
  if (type === "api_key") {
    const search = { act: "show", of: id } as const;
    return <TextLink to="/api-keys" search={search} children={words} />;
  }
  return words;
}

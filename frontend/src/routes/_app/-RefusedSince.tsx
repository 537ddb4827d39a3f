import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import type { CredentialsRead } from "~/client";
import { useEveryProblem } from "~/features/problems/queries";
import { refusedSince } from "~/features/problems/refusals";
import { titleOf } from "~/features/problems/words";
import { TextLink } from "~/parts/links";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";

/** That executions were refused after these credentials were last verified: then the word
 * "verified" is the older of the two. */
export function RefusedSince({ credentials }: { credentials: CredentialsRead }) {
  const { status, verified_at, aws_account_id } = credentials;
  const open = useEveryProblem("open", aws_account_id);
  const acknowledged = useEveryProblem("acknowledged", aws_account_id);
  if (status !== "verified" || verified_at === null) return null;
  const error = open.error ?? acknowledged.error;
  if (error) return <TroubleAlert error={error} />;
  const problems = [open, acknowledged].flatMap(({ data }) => data?.items ?? []);
  const refused = refusedSince(problems, verified_at);
  if (refused.length === 0) return null;
  return (
    <Alert severity="warning" sx={{ mb: 2 }}>
      Since this verification AWS has refused executions of this account. Mend what it
      says, then verify again.
      <Box component="ul" sx={{ m: 0, mt: 0.5, pl: 2.5 }}>
        {refused.map((problem) => (
          <li key={problem.id}>
            <TextLink to="/problems/$id" params={{ id: problem.id }}>
              {titleOf(problem)}
            </TextLink>
            , last <When at={problem.last_at} />
          </li>
        ))}
      </Box>
    </Alert>
  );
}

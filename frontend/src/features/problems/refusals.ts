// Whether AWS still lets us in, as executions have seen it.
import type { ProblemRead } from "~/client";

type Failure = Pick<ProblemRead, "category" | "last_at"> & {
  error: Pick<ProblemRead["error"], "operation">;
};

/** Those that AWS did not let in after `verified_at`: a key or a role was refused. What one
 * that was let in may not do is another matter. */
export const refusedSince = <T extends Failure>(problems: T[], verified_at: string) =>
  problems.filter(
    ({ category, error, last_at }) =>
      (category === "AWSAuthenticationError" || error.operation === "AssumeRole") &&
      Date.parse(last_at) > Date.parse(verified_at),
  );

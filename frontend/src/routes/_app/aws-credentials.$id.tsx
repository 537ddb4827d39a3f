import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { createFileRoute } from "@tanstack/react-router";
import { Checks } from "~/features/accounts/Checks";
import { credentialsQuery, useCredentials, useVerify } from "~/features/accounts/queries";
import { statementFor, titleOfCategory } from "~/features/problems/words";
import { useMay } from "~/features/session/queries";
import { ErrorPanel } from "~/parts/ErrorPanel";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";
import { RefusedSince } from "./-RefusedSince";

export const Route = createFileRoute("/_app/aws-credentials/$id")({
  loader: ({ context, params }) =>
    context.queries.query({ ...credentialsQuery(params.id), staleTime: "static" }),
  component: Credentials,
});

/** One way into an account: does it work, and if not, why not. */
function Credentials() {
  const { id } = Route.useParams();
  const { data: one } = useCredentials(id);
  const verify = useVerify();
  const may = useMay("credentials.edit");
  return (
    <Page
      title={one.name}
      intro={
        <>
          <Status word={one.status} reason={one.reason} /> ·{" "}
          {one.role_arn ?? `access key …${one.access_key_last4}`} · verified{" "}
          <When at={one.verified_at} />
        </>
      }
      actions={
        <>
          <Tooltip title={may ? "" : "Your role may not change credentials."}>
            <span>
              <Button
                variant="outlined"
                disabled={!may || verify.isPending || one.verification_pending}
                onClick={() => verify.mutate({ path: { id } })}
              >
                Verify again
              </Button>
            </span>
          </Tooltip>
          {one.status === "verified" ? (
            <LinkButton to="/tasks/new">Make a task</LinkButton>
          ) : null}
        </>
      }
    >
      {verify.error ? <TroubleAlert error={verify.error} /> : null}
      <RefusedSince credentials={one} />
      <Section title="What we tried">
        <Checks credentials={one} />
      </Section>
      {one.error ? (
        <Section title="What is wrong, and how to fix it">
          <ErrorPanel
            error={one.error}
            title={titleOfCategory(one.error.category)}
            statement={
              one.error.missing_action ? statementFor(one.error.missing_action) : null
            }
          />
        </Section>
      ) : null}
    </Page>
  );
}

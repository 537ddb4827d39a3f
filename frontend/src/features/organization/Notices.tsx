import Alert from "@mui/material/Alert";
import type { OrganizationRead } from "~/client";
import { LinkButton } from "~/parts/links";
import { absolute } from "~/parts/time";

type Props = { organization: OrganizationRead; hasMfa: boolean };

/** On every page: what everybody here must know of the organization. */
export function OrganizationNotices({ organization, hasMfa }: Props) {
  const { name, deletion_due_at, mfa_required } = organization;
  return (
    <>
      {mfa_required && !hasMfa ? (
        <Alert
          severity="warning"
          variant="outlined"
          role="status"
          sx={{ mb: 2.5 }}
          action={
            <LinkButton
              to="/settings"
              search={{ tab: "mfa" }}
              size="small"
              variant="text"
              color="inherit"
            >
              Set it up
            </LinkButton>
          }
        >
          {name} asks for a second factor. You see nothing of it until you set one up.
        </Alert>
      ) : null}
      {deletion_due_at ? (
        <Alert
          severity="warning"
          variant="outlined"
          role="status"
          sx={{ mb: 2.5 }}
          action={
            <LinkButton
              to="/settings"
              search={{ tab: "organization" }}
              size="small"
              variant="text"
              color="inherit"
            >
              Look
            </LinkButton>
          }
        >
          {name} will be deleted on {absolute(deletion_due_at)}. An owner can keep it.
        </Alert>
      ) : null}
    </>
  );
}

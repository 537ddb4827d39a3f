import Skeleton from "@mui/material/Skeleton";
import Stack from "@mui/material/Stack";
import { createFileRoute, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { tokenOf } from "~/features/session/fields";
import { InvitationForm } from "~/features/session/InvitationForm";
import { useReadInvitation } from "~/features/session/queries";
import { FormTrouble, Told } from "~/parts/form";
import { LinkButton } from "~/parts/links";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/accept-invitation")({
  component: AcceptInvitation,
});

function AcceptInvitation() {
  const token = tokenOf(useLocation().hash);
  const { mutate: read, data: offer, error } = useReadInvitation();
  const [isMember, setIsMember] = useState(false);
  useEffect(() => read({ body: { token: token || "-" } }), [read, token]);
  if (isMember) {
    return (
      <Page
        title={`You are a member of ${offer?.organization_name ?? "the organization"}`}
      >
        <Stack spacing={2}>
          <Told>Sign in as {offer?.email} to begin.</Told>
          <LinkButton to="/sign-in">Sign in</LinkButton>
        </Stack>
      </Page>
    );
  }
  return (
    <Page
      title={offer ? `Join ${offer.organization_name}` : "An invitation"}
      intro={offer ? `As ${offer.role}, with the address ${offer.email}.` : null}
    >
      <FormTrouble error={error} placed={false} />
      {offer ? (
        <InvitationForm token={token} offer={offer} onDone={() => setIsMember(true)} />
      ) : error ? null : (
        <Skeleton height={120} />
      )}
    </Page>
  );
}

import Stack from "@mui/material/Stack";
import { createFileRoute, useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { tokenOf } from "~/features/session/fields";
import { NewPasswordForm } from "~/features/session/NewPasswordForm";
import { Told } from "~/parts/form";
import { LinkButton, TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/reset-password")({
  component: ResetPassword,
});

function ResetPassword() {
  const token = tokenOf(useLocation().hash);
  const [isSet, setIsSet] = useState(false);
  if (isSet) {
    return (
      <Page title="The password is set">
        <Stack spacing={2}>
          <Told>All your sessions were ended. Sign in with the new password.</Told>
          <LinkButton to="/sign-in">Sign in</LinkButton>
        </Stack>
      </Page>
    );
  }
  return (
    <Page title="Set a new password">
      {token ? (
        <NewPasswordForm token={token} onDone={() => setIsSet(true)} />
      ) : (
        <span>
          This link is not whole. Copy all of it from the mail, or{" "}
          <TextLink to="/forgot-password">ask for another one</TextLink>.
        </span>
      )}
    </Page>
  );
}

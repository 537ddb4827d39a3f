import Stack from "@mui/material/Stack";
import { createFileRoute, useLocation } from "@tanstack/react-router";
import { tokenOf } from "~/features/session/fields";
import { useVerifyEmail } from "~/features/session/queries";
import { FormTrouble, Submit, Told } from "~/parts/form";
import { LinkButton, TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/verify-email")({
  component: VerifyEmail,
});

/** Confirmed by a click, for programs that look at mails open their links. */
function VerifyEmail() {
  const token = tokenOf(useLocation().hash);
  const verify = useVerifyEmail();
  if (verify.isSuccess) {
    return (
      <Page title="Your address is confirmed">
        <Stack spacing={2}>
          <Told>You can connect your AWS accounts now.</Told>
          <LinkButton to="/">Go to the dashboard</LinkButton>
        </Stack>
      </Page>
    );
  }
  return (
    <Page title="Confirm your e-mail address">
      <Stack
        component="form"
        spacing={2}
        onSubmit={(event) => {
          event.preventDefault();
          verify.mutate({ body: { token } });
        }}
      >
        <FormTrouble error={verify.error} placed={false} />
        {token ? (
          <Submit busy={verify.isPending} fullWidth>
            Confirm my address
          </Submit>
        ) : (
          <span>
            This link is not whole. Copy all of it from the mail, or{" "}
            <TextLink to="/sign-in">sign in</TextLink>.
          </span>
        )}
      </Stack>
    </Page>
  );
}

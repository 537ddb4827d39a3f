import Typography from "@mui/material/Typography";
import { createFileRoute } from "@tanstack/react-router";
import { ForgotPasswordForm } from "~/features/session/ForgotPasswordForm";
import { TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/forgot-password")({
  component: ForgotPassword,
});

function ForgotPassword() {
  return (
    <Page title="Forgot the password?" intro="A link to set a new one comes by mail.">
      <ForgotPasswordForm />
      <Typography sx={{ mt: 2 }}>
        <TextLink to="/sign-in">Back to signing in</TextLink>
      </Typography>
    </Page>
  );
}

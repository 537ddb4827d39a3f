import Typography from "@mui/material/Typography";
import { createFileRoute, useNavigate } from "@tanstack/react-router";
import { SignUpForm } from "~/features/session/SignUpForm";
import { TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/sign-up")({ component: SignUp });

function SignUp() {
  const navigate = useNavigate();
  return (
    <Page title="Sign up" intro="Know each morning that your AWS accounts are well.">
      <SignUpForm onDone={() => void navigate({ to: "/" })} />
      <Typography sx={{ mt: 2 }}>
        Have an account? <TextLink to="/sign-in">Sign in</TextLink>
      </Typography>
    </Page>
  );
}

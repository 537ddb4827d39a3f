import Typography from "@mui/material/Typography";
import { createFileRoute, useRouter } from "@tanstack/react-router";
import { SignInForm } from "~/features/session/SignInForm";
import { TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";
import { placeOf, type Search } from "~/parts/search";

export const Route = createFileRoute("/_visitor/sign-in")({
  validateSearch: (search: Search): { to?: string } => ({ to: placeOf(search.to) }),
  component: SignIn,
});

function SignIn() {
  const { to } = Route.useSearch();
  const router = useRouter();
  return (
    <Page title="Sign in">
      <SignInForm onDone={() => router.history.push(to ?? "/")} />
      <Typography
        sx={{ mt: 2, display: "flex", justifyContent: "space-between", gap: 2 }}
      >
        <TextLink to="/forgot-password">Forgot the password?</TextLink>
        <TextLink to="/sign-up">Sign up</TextLink>
      </Typography>
    </Page>
  );
}

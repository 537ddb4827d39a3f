import Box from "@mui/material/Box";
import { createFileRoute } from "@tanstack/react-router";
import { ConnectForm } from "~/features/accounts/ConnectForm";
import { useOnboarding } from "~/features/accounts/queries";
import { RoleRecipe } from "~/features/accounts/RoleRecipe";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { Page, Section } from "~/parts/Page";

export const Route = createFileRoute("/_app/accounts/connect")({ component: Connect });

/** A role made there, its ARN pasted here, tried at once. */
function Connect() {
  const navigate = Route.useNavigate();
  const may = useMay("credentials.edit");
  const onboarding = useOnboarding();
  if (!may) {
    return (
      <Page title="Connect an AWS account">
        <Empty
          title="Your role may not"
          text="An administrator of the organization can connect accounts."
        />
      </Page>
    );
  }
  return (
    <Page
      title="Connect an AWS account"
      intro="With a role that only reads. Nothing in the account is changed."
    >
      <Section title="1. Make the role in your account">
        <Asked query={onboarding} lines={6}>
          {(recipe) => <RoleRecipe recipe={recipe} />}
        </Asked>
      </Section>
      <Section title="2. Tell us its ARN">
        <ConnectForm
          onDone={({ id }) =>
            void navigate({
              to: "/aws-credentials/$id",
              params: { id },
              ignoreBlocker: true,
            })
          }
        />
      </Section>
      <Box sx={{ color: "text.secondary" }}>
        Then we try to come in, with the external id and without it, and say what we
        found.
      </Box>
    </Page>
  );
}

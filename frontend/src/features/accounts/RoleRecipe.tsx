import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import { useState } from "react";
import type { Onboarding } from "~/client";
import { CopyBlock } from "~/parts/Copy";

const FORMS = ["CloudFormation", "Terraform", "By hand", "Many accounts"] as const;
type Form = (typeof FORMS)[number];

const pretty = (document: unknown) => JSON.stringify(document, null, 2);

/** The role that lets us read, in the form that one likes best. */
export function RoleRecipe({ recipe }: { recipe: Onboarding }) {
  const [form, setForm] = useState<Form>("CloudFormation");
  return (
    <Box>
      <Tabs
        value={form}
        variant="scrollable"
        aria-label="How to make the role"
        onChange={(_, next: Form) => setForm(next)}
        sx={{ mb: 2 }}
      >
        {FORMS.map((one) => (
          <Tab key={one} value={one} label={one} />
        ))}
      </Tabs>
      <Box sx={{ display: "grid", gap: 2 }}>
        {form === "CloudFormation" ? <Stack recipe={recipe} /> : null}
        {form === "Terraform" ? (
          <CopyBlock text={recipe.terraform} what="Terraform" />
        ) : null}
        {form === "By hand" ? (
          <>
            <Box>
              Make a role called {recipe.role_name}, with the external id{" "}
              <code>{recipe.external_id}</code>, this trust policy, and the policies below
              it.
            </Box>
            <CopyBlock text={pretty(recipe.trust_policy)} what="trust policy" />
            {recipe.policies.map((policy, index) => (
              <CopyBlock
                key={pretty(policy)}
                text={pretty(policy)}
                what={`policy ${index + 1} of ${recipe.policies.length}`}
              />
            ))}
          </>
        ) : null}
        {form === "Many accounts" ? (
          <>
            <CopyBlock text={recipe.stack_set.create_command} what="first command" />
            <CopyBlock text={recipe.stack_set.deploy_command} what="second command" />
          </>
        ) : null}
      </Box>
    </Box>
  );
}

function Stack({ recipe }: { recipe: Onboarding }) {
  return (
    <>
      {recipe.quick_create_link ? (
        <div>
          <Button
            variant="contained"
            href={recipe.quick_create_link}
            target="_blank"
            rel="noopener noreferrer"
          >
            Open in the AWS console
          </Button>
        </div>
      ) : null}
      <CopyBlock text={pretty(recipe.cloudformation_template)} what="template" />
      <CopyBlock text={pretty(recipe.parameters)} what="parameters" />
    </>
  );
}

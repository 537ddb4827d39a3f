import Done from "@mui/icons-material/CheckCircle";
import Todo from "@mui/icons-material/RadioButtonUnchecked";
import Box from "@mui/material/Box";
import { LinkButton } from "~/parts/links";
import { Section } from "~/parts/Page";

type Props = {
  isVerified: boolean;
  hasAccount: boolean;
  hasTask: boolean;
  hasRun: boolean;
};

/** The way from signing up to the first morning; gone once it was gone. */
export function Checklist({ isVerified, hasAccount, hasTask, hasRun }: Props) {
  const steps = [
    {
      done: isVerified,
      label: "Confirm your e-mail address",
      more: "Open the link that we mailed you.",
    },
    {
      done: hasAccount,
      label: "Connect an AWS account",
      more: "With a role that only reads.",
      to: "/accounts/connect" as const,
    },
    {
      done: hasTask,
      label: "Make a task",
      more: "What to look at, and when.",
      to: "/tasks/new" as const,
    },
    {
      done: hasRun,
      label: "See the first result",
      more: "Run the task now, or wait for its time.",
      to: "/tasks" as const,
    },
  ];
  if (steps.every(({ done }) => done)) return null;
  const next = steps.findIndex(({ done }) => !done);
  return (
    <Section
      title="Getting started"
      aside={
        <Box sx={{ color: "text.secondary" }}>
          {steps.filter(({ done }) => done).length} of {steps.length}
        </Box>
      }
    >
      <Box
        component="ol"
        sx={{ listStyle: "none", m: 0, p: 0, display: "grid", gap: 1.5 }}
      >
        {steps.map(({ done, label, more, to }, index) => (
          <Box
            component="li"
            key={label}
            sx={{ display: "flex", gap: 1.5, alignItems: "center" }}
          >
            {done ? (
              <Done titleAccess="Done" sx={{ color: "success.main", fontSize: 20 }} />
            ) : (
              <Todo titleAccess="To do" sx={{ color: "text.secondary", fontSize: 20 }} />
            )}
            <Box sx={{ flex: 1 }}>
              <Box sx={{ fontWeight: index === next ? 600 : 450 }}>{label}</Box>
              {done ? null : (
                <Box sx={{ color: "text.secondary", fontSize: 12 }}>{more}</Box>
              )}
            </Box>
            {to && index === next ? (
              <LinkButton to={to} size="small">
                Begin
              </LinkButton>
            ) : null}
          </Box>
        ))}
      </Box>
    </Section>
  );
}

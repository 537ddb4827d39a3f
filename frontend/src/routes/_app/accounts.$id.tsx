import Box from "@mui/material/Box";
import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { accountQuery, useCredentialsOf } from "~/features/accounts/queries";
import { HealthByService } from "~/features/health/HealthByService";
import { useHealthOf } from "~/features/health/queries";
import { AcknowledgeButton } from "~/features/problems/AcknowledgeButton";
import { ProblemRow } from "~/features/problems/ProblemRow";
import { useEveryProblem } from "~/features/problems/queries";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { CopyIcon } from "~/parts/Copy";
import { Empty } from "~/parts/Empty";
import { LinkButton, TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/accounts/$id")({
  loader: ({ context, params }) =>
    context.queries.query({ ...accountQuery(params.id), staleTime: "static" }),
  component: Account,
});

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  alignItems: "center",
  columnGap: 2,
  rowGap: 0.25,
  px: 2,
  py: 1,
  "& + &": { borderTop: 1, borderColor: "divider" },
} as const;

/** What is wrong there, how each service is, and by which ways one comes in. */
function Account() {
  const { id } = Route.useParams();
  const { data: account } = useSuspenseQuery(accountQuery(id));
  const health = useHealthOf(id);
  const credentials = useCredentialsOf(id);
  const problems = useEveryProblem("open", id);
  const may = useMay("problems.edit");
  return (
    <Page
      title={account.name}
      intro={
        <>
          {account.account_id}
          <CopyIcon text={account.account_id} what="account id" />
        </>
      }
      actions={
        <LinkButton
          to="/inventory"
          search={{ account: id }}
          variant="outlined"
          color="inherit"
          size="small"
        >
          Its inventory
        </LinkButton>
      }
    >
      <Section title="Open problems" padded={false}>
        <Asked query={problems} lines={2}>
          {({ items }) =>
            items.length === 0 ? (
              <Box sx={{ px: 2, py: 1.25, color: "text.secondary" }}>None.</Box>
            ) : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((problem) => (
                  <ProblemRow
                    key={problem.id}
                    problem={problem}
                    account={account.name}
                    action={<AcknowledgeButton problem={problem} may={may} />}
                  />
                ))}
              </Box>
            )
          }
        </Asked>
      </Section>
      <Section title="Health by service" padded={false}>
        <Asked query={health} lines={6}>
          {({ items }) => {
            const services = items[0]?.services ?? [];
            return services.length === 0 ? (
              <Empty
                title="Not watched"
                text="No enabled task looks at a service of this account."
                action={<LinkButton to="/tasks/new">Make a task</LinkButton>}
              />
            ) : (
              <>
                <HealthByService services={services} />
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                  {services.map((one) => (
                    <Box component="li" key={one.service} sx={ROW}>
                      <Box sx={{ flex: "0 0 120px", fontWeight: 550 }}>{one.service}</Box>
                      <Box sx={{ flex: "0 0 170px" }}>
                        <Status word={one.verdict} reason={one.reason} />
                      </Box>
                      <Box sx={{ flex: "1 1 240px", color: "text.secondary" }}>
                        {one.summary}
                      </Box>
                      <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                        <When at={one.as_of} none="not looked at" />
                      </Box>
                    </Box>
                  ))}
                </Box>
              </>
            );
          }}
        </Asked>
      </Section>
      <Section title="Ways in" padded={false}>
        <Asked query={credentials}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title="Disconnected"
                text="No credentials lead into this account any more."
              />
            ) : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((one) => (
                  <Box component="li" key={one.id} sx={ROW}>
                    <Box sx={{ flex: "1 1 240px", minWidth: 0 }}>
                      <TextLink
                        underline="hover"
                        to="/aws-credentials/$id"
                        params={{ id: one.id }}
                        sx={{ fontWeight: 550 }}
                      >
                        {one.name}
                      </TextLink>
                      <Box
                        sx={{
                          color: "text.secondary",
                          fontSize: 12,
                          overflowWrap: "anywhere",
                        }}
                      >
                        {one.role_arn ?? `access key …${one.access_key_last4}`}
                      </Box>
                    </Box>
                    <Status word={one.status} reason={one.reason} />
                    <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                      <When at={one.verified_at} none="never verified" />
                    </Box>
                  </Box>
                ))}
              </Box>
            )
          }
        </Asked>
      </Section>
    </Page>
  );
}

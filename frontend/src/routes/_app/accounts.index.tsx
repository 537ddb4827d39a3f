import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { useHealth } from "~/features/health/queries";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { LinkButton, TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

export const Route = createFileRoute("/_app/accounts/")({ component: Accounts });

function Accounts() {
  const accounts = useAccounts();
  const health = new Map(useHealth().data?.items.map((one) => [one.id, one]));
  const may = useMay("credentials.edit");
  const connect = may ? (
    <LinkButton to="/accounts/connect">Connect an account</LinkButton>
  ) : null;
  return (
    <Page title="AWS accounts" actions={connect}>
      <Section title="Accounts" padded={false}>
        <Asked query={accounts} lines={5}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title="No account yet"
                text={
                  may
                    ? "Connect one with a role that only reads; it takes two minutes."
                    : "An administrator of the organization can connect one."
                }
                action={connect}
              />
            ) : (
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {items.map((account) => {
                  const known = health.get(account.id);
                  return (
                    <Box
                      component="li"
                      key={account.id}
                      sx={{
                        display: "flex",
                        flexWrap: "wrap",
                        gap: 1.5,
                        alignItems: "center",
                        px: 2,
                        py: 1.25,
                        "& + &": { borderTop: 1, borderColor: "divider" },
                      }}
                    >
                      <Box sx={{ flex: "1 1 220px", minWidth: 0 }}>
                        <TextLink
                          underline="hover"
                          to="/accounts/$id"
                          params={{ id: account.id }}
                          sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
                        >
                          {account.name}
                        </TextLink>
                        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                          {account.account_id}
                          {account.paused_at
                            ? " · paused: the plan allows fewer accounts"
                            : null}
                        </Box>
                      </Box>
                      <Box sx={{ display: "flex", gap: 0.5, flexWrap: "wrap" }}>
                        {Object.entries(account.labels).map(([key, value]) => (
                          <Chip
                            key={key}
                            size="small"
                            variant="outlined"
                            label={`${key}: ${value}`}
                          />
                        ))}
                      </Box>
                      <Box sx={{ textAlign: "right" }}>
                        {account.connected ? (
                          known ? (
                            <Status word={known.verdict} />
                          ) : null
                        ) : (
                          <Status word="not_watched" reason="disconnected" />
                        )}
                        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                          {known ? <When at={known.as_of} none="not looked at" /> : null}
                        </Box>
                      </Box>
                    </Box>
                  );
                })}
              </Box>
            )
          }
        </Asked>
      </Section>
    </Page>
  );
}

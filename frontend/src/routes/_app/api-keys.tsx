import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tab from "@mui/material/Tab";
import Tabs from "@mui/material/Tabs";
import Tooltip from "@mui/material/Tooltip";
import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import { useAccounts } from "~/features/accounts/queries";
import { KeyDetail } from "~/features/keys/KeyDetail";
import { KeyRow } from "~/features/keys/KeyRow";
import { MadeDialog, type MadeKey } from "~/features/keys/MadeDialog";
import { MakeKeyDialog } from "~/features/keys/MakeKeyDialog";
import { useApiKeys } from "~/features/keys/queries";
import { RevokeDialog } from "~/features/keys/RevokeDialog";
import { isIn, LISTS, type List, whyNotRevoke } from "~/features/keys/state";
import { useMay, useMe } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { labelsOf } from "~/parts/limits";
import { TextLink } from "~/parts/links";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { idOf, oneOf, type Search } from "~/parts/search";

const ACTS = ["make", "show", "revoke"] as const;
type KeysSearch = { list?: List; act?: (typeof ACTS)[number]; of?: string };

export const Route = createFileRoute("/_app/api-keys")({
  validateSearch: ({ list, act, of }: Search): KeysSearch => ({
    list: oneOf(list, LISTS),
    act: oneOf(act, ACTS),
    of: idOf(of),
  }),
  component: Keys,
});

const TABS = { active: "Active", over: "No longer good" };

function Keys() {
  const { list = "active", act, of } = Route.useSearch();
  const navigate = Route.useNavigate();
  const me = useMe();
  const mayEdit = useMay("api_keys.edit");
  const mayEditService = useMay("service_keys.edit");
  const keys = useApiKeys();
  const known = labelsOf(useAccounts().data?.items ?? []);
  const [made, setMade] = useState<MadeKey | null>(null);
  const [told, setTold] = useState("");
  const go = (search: KeysSearch) => {
    setTold("");
    void navigate({ search: { list: list === "over" ? list : undefined, ...search } });
  };
  const own = { userId: me.user.id, mayEdit, mayEditService };
  const all = keys.data?.pages.flatMap(({ items }) => items) ?? [];
  const chosen = all.find(({ id }) => id === of);
  const noMake = mayEdit ? "" : "Your role may not make API keys.";
  const make = (
    <Tooltip title={noMake}>
      <span>
        <Button
          variant="contained"
          disabled={!mayEdit}
          onClick={() => go({ act: "make" })}
        >
          New key
        </Button>
      </span>
    </Tooltip>
  );
  return (
    <Page
      title="API keys"
      intro="For scripts and tools that ask the API. A key may never do more than who made it."
      actions={make}
    >
      {told ? (
        <Alert severity="success" variant="outlined" role="status" sx={{ mb: 2 }}>
          {told}
        </Alert>
      ) : null}
      <Tabs
        value={list}
        aria-label="State"
        onChange={(_, next: List) => go({ list: next === "over" ? next : undefined })}
        sx={{ mb: 2 }}
      >
        {LISTS.map((one) => (
          <Tab key={one} value={one} label={TABS[one]} />
        ))}
      </Tabs>
      <Section title={list === "active" ? "Keys" : "Former keys"} padded={false}>
        <Asked query={keys} lines={4}>
          {() => {
            const shown = all.filter((one) => isIn(list, one));
            return (
              <>
                {shown.length === 0 ? (
                  <Empty
                    title={list === "active" ? "No key is active" : "No key has ended"}
                    text={
                      list === "active"
                        ? "A script that reads results or runs tasks signs in with a key of its own."
                        : "Keys that were revoked or have expired stay here, so that the log can be read."
                    }
                    action={list === "active" && mayEdit ? make : undefined}
                  />
                ) : (
                  <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                    {shown.map((one) => {
                      const why = whyNotRevoke(one, own);
                      return (
                        <KeyRow
                          key={one.id}
                          apiKey={one}
                          title={
                            <TextLink
                              underline="hover"
                              to="/api-keys"
                              search={{
                                list: list === "over" ? list : undefined,
                                act: "show",
                                of: one.id,
                              }}
                              sx={{ fontWeight: 550 }}
                            >
                              {one.name}
                            </TextLink>
                          }
                          action={
                            one.state === "active" ? (
                              <Tooltip title={why}>
                                <span>
                                  <Button
                                    size="small"
                                    variant="outlined"
                                    color="inherit"
                                    disabled={Boolean(why)}
                                    aria-label={`Revoke ${one.name}`}
                                    onClick={() => go({ act: "revoke", of: one.id })}
                                  >
                                    Revoke
                                  </Button>
                                </span>
                              </Tooltip>
                            ) : null
                          }
                        />
                      );
                    })}
                  </Box>
                )}
                <More query={keys} />
              </>
            );
          }}
        </Asked>
      </Section>
      {act === "make" && mayEdit ? (
        <MakeKeyDialog
          own={me.permissions}
          known={known}
          onMade={(key, name) => {
            setMade({ key, name });
            go({});
          }}
          onClose={() => go({})}
        />
      ) : null}
      {act === "show" && of ? <KeyDetail id={of} onClose={() => go({})} /> : null}
      {act === "revoke" && chosen && !whyNotRevoke(chosen, own) ? (
        <RevokeDialog
          apiKey={chosen}
          onDone={(said) => {
            go({});
            setTold(said);
          }}
          onClose={() => go({})}
        />
      ) : null}
      {made ? <MadeDialog made={made} onClose={() => setMade(null)} /> : null}
    </Page>
  );
}

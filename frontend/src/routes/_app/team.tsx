import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { createFileRoute } from "@tanstack/react-router";
import { useState } from "react";
import type { InvitationMade } from "~/client";
import { MemberMenu } from "~/features/members/MemberMenu";
import { MemberRow } from "~/features/members/MemberRow";
import { useMembers, useSeats } from "~/features/members/queries";
import { whyNot, whyStay } from "~/features/members/roles";
import { seatsInWords, whyNotInvite } from "~/features/members/seats";
import { useMay, useMe } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { CopyBlock } from "~/parts/Copy";
import { More } from "~/parts/More";
import { Page, Section } from "~/parts/Page";
import { idOf, oneOf, type Search } from "~/parts/search";
import { Invitations } from "./-Invitations";
import { TeamDialogs } from "./-TeamDialogs";

const ACTS = ["invite", "change", "remove", "transfer", "leave", "withdraw"] as const;
export type TeamAct = (typeof ACTS)[number];

type TeamSearch = { act?: TeamAct; of?: string; over?: true };

export const Route = createFileRoute("/_app/team")({
  validateSearch: ({ act, of, over }: Search): TeamSearch => ({
    act: oneOf(act, ACTS),
    of: idOf(of),
    over: over === true ? true : undefined,
  }),
  component: Team,
});

function Team() {
  const { act, of, over } = Route.useSearch();
  const navigate = Route.useNavigate();
  const me = useMe();
  const mayEdit = useMay("members.edit");
  const mayTransfer = useMay("organization.transfer");
  const maySeeInvitations = useMay("invitations.read");
  const members = useMembers();
  const seats = useSeats(useMay("usage.read")).data;
  const [told, setTold] = useState("");
  const [link, setLink] = useState<string | null>(null);
  const open = (next?: TeamAct, id?: string) => {
    setTold("");
    setLink(null);
    void navigate({ search: { act: next, of: id, over } });
  };
  const done = (said: string) => {
    open();
    setTold(said);
  };
  const invited = (made: InvitationMade) => {
    done(
      made.link
        ? `${made.email} is invited. This installation sends no mail: hand them this link, and show it to nobody else.`
        : `An invitation is on its way to ${made.email}.`,
    );
    setLink(made.link);
  };
  const own = { role: me.role, mayEdit, mayTransfer };
  const noInvite = whyNotInvite(mayEdit, seats);
  const all = members.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page
      title="Team"
      intro={`Who sees and changes what in ${me.organization.name}.`}
      actions={
        <Tooltip title={noInvite}>
          <span>
            <Button
              variant="contained"
              disabled={Boolean(noInvite)}
              onClick={() => open("invite")}
            >
              Invite
            </Button>
          </span>
        </Tooltip>
      }
    >
      {told ? (
        <Alert
          severity="success"
          variant="outlined"
          role="status"
          sx={{ mb: 2 }}
          onClose={() => done("")}
        >
          {told}
        </Alert>
      ) : null}
      {link ? (
        <Box sx={{ mb: 2 }}>
          <CopyBlock text={link} what="link of the invitation" />
        </Box>
      ) : null}
      <Section
        title="Members"
        padded={false}
        aside={<Box sx={{ color: "text.secondary" }}>{seatsInWords(seats)}</Box>}
      >
        <Asked query={members} lines={4}>
          {() => (
            <>
              <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                {all.map((member) => {
                  const isOneself = member.user_id === me.user.id;
                  const toAct = (next: TeamAct, label: string, why: string) => ({
                    label,
                    why,
                    onChoose: () => open(next, member.id),
                  });
                  const choices = isOneself
                    ? [toAct("leave", "Leave…", whyStay(own, all, !members.hasNextPage))]
                    : [
                        toAct(
                          "change",
                          "Change role and limits…",
                          whyNot("change", own, member),
                        ),
                        toAct(
                          "transfer",
                          "Hand the organization over…",
                          whyNot("transfer", own, member),
                        ),
                        toAct("remove", "Remove…", whyNot("remove", own, member)),
                      ];
                  return (
                    <MemberRow
                      key={member.id}
                      member={member}
                      isOneself={isOneself}
                      action={<MemberMenu of={member.name} choices={choices} />}
                    />
                  );
                })}
              </Box>
              <More query={members} />
            </>
          )}
        </Asked>
      </Section>
      {maySeeInvitations ? (
        <Invitations
          over={over ?? false}
          onOver={(next) =>
            void navigate({ search: { over: next || undefined }, replace: true })
          }
          whyNot={noInvite}
          onInvite={() => open("invite")}
          onInvited={invited}
          onWithdraw={(id) => open("withdraw", id)}
        />
      ) : null}
      {act ? (
        <TeamDialogs
          act={act}
          of={of}
          members={all}
          seats={seats}
          onInvited={invited}
          onDone={done}
          onClose={() => open()}
        />
      ) : null}
    </Page>
  );
}

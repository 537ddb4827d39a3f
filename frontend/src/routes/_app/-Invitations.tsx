import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Tooltip from "@mui/material/Tooltip";
import type { InvitationMade } from "~/client";
import { InvitationRow } from "~/features/members/InvitationRow";
import { useInvitations } from "~/features/members/queries";
import { ResendButton } from "~/features/members/ResendButton";
import { waiting } from "~/features/members/roles";
import { useMay } from "~/features/session/queries";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { More } from "~/parts/More";
import { Section } from "~/parts/Page";

type Props = {
  /** Whether those are shown as well that were answered or withdrawn. */
  over: boolean;
  onOver: (over: boolean) => void;
  /** Why nobody can be invited; empty where somebody can. */
  whyNot: string;
  onInvite: () => void;
  onInvited: (made: InvitationMade) => void;
  onWithdraw: (id: string) => void;
};

export function Invitations({
  over,
  onOver,
  whyNot,
  onInvite,
  onInvited,
  onWithdraw,
}: Props) {
  const invitations = useInvitations(true);
  const mayEdit = useMay("members.edit");
  const noWithdrawal = mayEdit ? "" : "Your role may not withdraw invitations.";
  return (
    <Section
      title="Invitations"
      padded={false}
      aside={
        <FormControlLabel
          control={
            <Switch size="small" checked={over} onChange={(_, next) => onOver(next)} />
          }
          label="Also those that are over"
          slotProps={{ typography: { color: "text.secondary" } }}
        />
      }
    >
      <Asked query={invitations} lines={2}>
        {({ pages }) => {
          const all = pages.flatMap(({ items }) => items);
          const shown = over ? all : waiting(all);
          return (
            <>
              {shown.length === 0 ? (
                <Empty
                  title={
                    all.length === 0 ? "Nobody was invited yet" : "No invitation is open"
                  }
                  text="Whoever you invite gets a mail with a link that works for a week."
                  action={
                    whyNot ? undefined : (
                      <Button variant="outlined" onClick={onInvite}>
                        Invite somebody
                      </Button>
                    )
                  }
                />
              ) : (
                <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
                  {shown.map((one) => (
                    <InvitationRow
                      key={one.id}
                      invitation={one}
                      action={
                        <Box sx={{ display: "flex", gap: 1 }}>
                          {one.status === "open" || one.status === "expired" ? (
                            <ResendButton
                              invitation={one}
                              why={whyNot}
                              onInvited={onInvited}
                            />
                          ) : null}
                          {one.status === "open" ? (
                            <Tooltip title={noWithdrawal}>
                              <span>
                                <Button
                                  size="small"
                                  variant="outlined"
                                  color="inherit"
                                  disabled={!mayEdit}
                                  aria-label={`Withdraw the invitation of ${one.email}`}
                                  onClick={() => onWithdraw(one.id)}
                                >
                                  Withdraw
                                </Button>
                              </span>
                            </Tooltip>
                          ) : null}
                        </Box>
                      }
                    />
                  ))}
                </Box>
              )}
              <More query={invitations} />
            </>
          );
        }}
      </Asked>
    </Section>
  );
}

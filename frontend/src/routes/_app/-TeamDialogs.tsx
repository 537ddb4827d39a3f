// What is open over the team's page, as its address says.
import { useNavigate } from "@tanstack/react-router";
import type { InvitationMade, MemberRead, MetricUsage } from "~/client";
import { useAccounts } from "~/features/accounts/queries";
import { ChangeDialog } from "~/features/members/ChangeDialog";
import {
  LeaveDialog,
  RemoveDialog,
  TransferDialog,
  WithdrawDialog,
} from "~/features/members/EndDialogs";
import { InviteDialog } from "~/features/members/InviteDialog";
import { useInvitations } from "~/features/members/queries";
import { whyNot } from "~/features/members/roles";
import { seatsInWords, whyNotInvite } from "~/features/members/seats";
import { useMay, useMe } from "~/features/session/queries";
import { labelsOf } from "~/parts/limits";
import type { TeamAct } from "./team";

type Props = {
  act: TeamAct;
  of?: string;
  members: readonly MemberRead[];
  seats?: MetricUsage;
  onInvited: (made: InvitationMade) => void;
  onDone: (said: string) => void;
  onClose: () => void;
};

/** A link to what one may not do opens nothing. */
export function TeamDialogs({
  act,
  of,
  members,
  seats,
  onInvited,
  onDone,
  onClose,
}: Props) {
  const navigate = useNavigate();
  const me = useMe();
  const mayEdit = useMay("members.edit");
  const mayTransfer = useMay("organization.transfer");
  const known = labelsOf(useAccounts().data?.items ?? []);
  const invitations = useInvitations(act === "withdraw" && mayEdit).data;
  const organization = me.organization.name;
  const ends = { onDone, onClose };
  if (act === "leave") {
    const onLeft = () => void navigate({ to: "/", reloadDocument: true });
    return <LeaveDialog organization={organization} onLeft={onLeft} onClose={onClose} />;
  }
  if (act === "invite") {
    if (whyNotInvite(mayEdit, seats)) return null;
    const places = seats?.limit === null ? "" : seatsInWords(seats);
    return (
      <InviteDialog
        own={me.role}
        known={known}
        places={places && `${places} in your plan.`}
        onInvited={onInvited}
        onClose={onClose}
      />
    );
  }
  if (act === "withdraw") {
    const invitation = invitations?.pages
      .flatMap(({ items }) => items)
      .find(({ id, status }) => id === of && status === "open");
    return invitation ? <WithdrawDialog invitation={invitation} {...ends} /> : null;
  }
  const member = members.find(({ id, user_id }) => id === of && user_id !== me.user.id);
  const own = { role: me.role, mayEdit, mayTransfer };
  if (!member || whyNot(act, own, member)) return null;
  if (act === "remove")
    return <RemoveDialog member={member} organization={organization} {...ends} />;
  if (act === "transfer")
    return <TransferDialog member={member} organization={organization} {...ends} />;
  return <ChangeDialog member={member} own={me.role} known={known} {...ends} />;
}

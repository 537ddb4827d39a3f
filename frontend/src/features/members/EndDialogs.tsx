// What ends or moves somebody's place: each says by name what will happen.
import Typography from "@mui/material/Typography";
import type { InvitationRead, MemberRead } from "~/client";
import { ActDialog } from "~/parts/ActDialog";
import { useLeave, useRemoveMember, useTransfer, useWithdraw } from "./queries";

type Ends = { onDone: (said: string) => void; onClose: () => void };
type OfMember = Ends & { member: MemberRead; organization: string };

export function RemoveDialog({ member, organization, onDone, onClose }: OfMember) {
  const remove = useRemoveMember();
  const said = `${member.name} is no member any more.`;
  return (
    <ActDialog
      title={`Remove ${member.name}?`}
      act="Remove"
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() =>
        remove.mutate({ path: { id: member.id } }, { onSuccess: () => onDone(said) })
      }
    >
      <Typography>
        {member.email} can do nothing in {organization} from the next request on, and
        their personal API keys stop. Tasks, service keys and the audit log stay. To undo
        it, invite them again.
      </Typography>
    </ActDialog>
  );
}

export function TransferDialog({ member, organization, onDone, onClose }: OfMember) {
  const transfer = useTransfer();
  const said = `${member.name} is an owner now, and you are an admin.`;
  return (
    <ActDialog
      title={`Hand ${organization} over to ${member.name}?`}
      act="Hand over"
      busy={transfer.isPending}
      error={transfer.error}
      onClose={onClose}
      onAct={() =>
        transfer.mutate(
          { body: { member_id: member.id } },
          { onSuccess: () => onDone(said) },
        )
      }
    >
      <Typography>
        {member.email} becomes an owner and may rename, hand over and delete the
        organization. You become an admin. Only an owner can give you the role back.
      </Typography>
    </ActDialog>
  );
}

type Leaving = { organization: string; onLeft: () => void; onClose: () => void };

export function LeaveDialog({ organization, onLeft, onClose }: Leaving) {
  const leave = useLeave();
  return (
    <ActDialog
      title={`Leave ${organization}?`}
      act="Leave"
      busy={leave.isPending}
      error={leave.error}
      onClose={onClose}
      onAct={() => leave.mutate({}, { onSuccess: onLeft })}
    >
      <Typography>
        You see nothing of {organization} any more, and your personal API keys there stop.
        To come back you must be invited.
      </Typography>
    </ActDialog>
  );
}

type OfInvitation = Ends & { invitation: InvitationRead };

export function WithdrawDialog({ invitation, onDone, onClose }: OfInvitation) {
  const withdraw = useWithdraw();
  const said = `The invitation of ${invitation.email} is withdrawn.`;
  return (
    <ActDialog
      title="Withdraw the invitation?"
      act="Withdraw"
      busy={withdraw.isPending}
      error={withdraw.error}
      onClose={onClose}
      onAct={() =>
        withdraw.mutate(
          { path: { id: invitation.id } },
          { onSuccess: () => onDone(said) },
        )
      }
    >
      <Typography sx={{ overflowWrap: "anywhere" }}>
        The link that {invitation.email} got works no more. You can invite them again.
      </Typography>
    </ActDialog>
  );
}

import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import type { InvitationMade, InvitationRead } from "~/client";
import { useInvite } from "./queries";

type Props = {
  invitation: InvitationRead;
  why: string;
  onInvited: (made: InvitationMade) => void;
};

/** The same offer in a new mail; the link of the last one works no more. */
export function ResendButton({ invitation, why, onInvited }: Props) {
  const invite = useInvite();
  const { email, role, label_scope, member_expires_at } = invitation;
  const again = async () => {
    // The button is gone with its line by then, so it is told by the promise.
    const body = { email, role, label_scope, member_expires_at };
    const made = await invite.mutateAsync({ body }).catch(() => null);
    if (made) onInvited(made);
  };
  return (
    <Tooltip title={invite.error ? troubleOf(invite.error).detail : why}>
      <span>
        <Button
          size="small"
          variant="outlined"
          color={invite.error ? "error" : "inherit"}
          disabled={Boolean(why)}
          loading={invite.isPending}
          aria-label={`Send again to ${email}`}
          onClick={() => void again()}
        >
          {invite.error ? "Not sent: try again" : "Send again"}
        </Button>
      </span>
    </Tooltip>
  );
}

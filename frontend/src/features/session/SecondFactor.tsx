import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";
import type { MfaState } from "~/client";
import { ActDialog } from "~/parts/ActDialog";
import { Facts } from "~/parts/Facts";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";
import { Enrolment } from "./Enrolment";
import { useMe } from "./queries";
import { RecoveryCodes } from "./RecoveryCodes";
import { useEnrol, useMfaChanged, useRenewCodes, useTurnOff } from "./security";

type MfaAsk = "mfa-off" | "codes";
type Props = {
  mfa: MfaState;
  /** Which dialog is open, as the URL says. */
  ask: MfaAsk | undefined;
  onAsk: (ask: MfaAsk | undefined) => void;
};

/** On, off, and what leads from one to the other. */
export function SecondFactor({ mfa, ask, onAsk }: Props) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const changed = useMfaChanged();
  if (codes) {
    const kept = () => {
      setCodes(null);
      void changed();
    };
    return <RecoveryCodes codes={codes} onKept={kept} />;
  }
  return mfa.enabled_at ? (
    <On mfa={mfa} ask={ask} onAsk={onAsk} onCodes={setCodes} />
  ) : (
    <Off onCodes={setCodes} />
  );
}

type OnCodes = { onCodes: (codes: readonly string[]) => void };

function Off({ onCodes }: OnCodes) {
  const enrol = useEnrol();
  if (enrol.data) return <Enrolment enrolment={enrol.data} onConfirmed={onCodes} />;
  return (
    <Box sx={{ display: "grid", gap: 2, maxWidth: 560 }}>
      {enrol.error ? <TroubleAlert error={enrol.error} /> : null}
      <Box>
        It is off: your password alone signs you in. With an authenticator app, who knows
        your password still cannot.
      </Box>
      <div>
        <Button
          variant="contained"
          disabled={enrol.isPending}
          onClick={() => enrol.mutate({})}
        >
          Set up an authenticator app
        </Button>
      </div>
    </Box>
  );
}

function On({ mfa, ask, onAsk, onCodes }: Props & OnCodes) {
  const turnOff = useTurnOff();
  const renew = useRenewCodes();
  const { organization } = useMe();
  const close = () => {
    turnOff.reset();
    renew.reset();
    onAsk(undefined);
  };
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Facts
        facts={[
          ["Second factor", "on, with an authenticator app"],
          ["Since", <When key="since" at={mfa.enabled_at} />],
          ["Recovery codes", `${mfa.recovery_codes_left} left`],
        ]}
      />
      <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap" }}>
        <Button variant="outlined" color="inherit" onClick={() => onAsk("codes")}>
          New recovery codes
        </Button>
        <Button variant="outlined" color="error" onClick={() => onAsk("mfa-off")}>
          Turn it off
        </Button>
      </Box>
      {ask === "mfa-off" ? (
        <ActDialog
          title="Turn the second factor off?"
          act="Turn it off"
          busy={turnOff.isPending}
          error={turnOff.error}
          onClose={close}
          onAct={() => turnOff.mutate({}, { onSuccess: close })}
        >
          Your password alone will sign you in. The secret in your app and the recovery
          codes no longer work.
          {organization.mfa_required
            ? ` ${organization.name} asks its members for a second factor: you will see nothing of it until you set one up again.`
            : null}
        </ActDialog>
      ) : null}
      {ask === "codes" ? (
        <ActDialog
          title="Make new recovery codes?"
          act="Make new ones"
          busy={renew.isPending}
          error={renew.error}
          onClose={close}
          onAct={() =>
            renew.mutate(
              {},
              {
                onSuccess: ({ recovery_codes }) => {
                  close();
                  onCodes(recovery_codes);
                },
              },
            )
          }
        >
          You get ten new ones. Those that you have no longer work.
        </ActDialog>
      ) : null}
    </Box>
  );
}

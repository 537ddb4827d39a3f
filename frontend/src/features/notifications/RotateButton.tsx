import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useId, useState } from "react";
import type { EndpointRead } from "~/client";
import { ActDialog } from "~/parts/ActDialog";
import { absolute } from "~/parts/time";
import { useNow } from "~/parts/useNow";
import { Guarded } from "./Guarded";
import { useRotateSecret } from "./queries";
import { SecretOnce } from "./SecretOnce";

type Props = { endpoint: EndpointRead; may: boolean };

export function RotateButton({ endpoint, may }: Props) {
  const titleId = useId();
  const now = useNow();
  const rotate = useRotateSecret();
  // One for each time that it is asked: sent twice, it rotates once.
  const [asked, setAsked] = useState<string | null>(null);
  const close = () => {
    setAsked(null);
    rotate.reset();
  };
  const { previous_until: until, name } = endpoint;
  const open = () => setAsked(crypto.randomUUID());
  return (
    <>
      <Guarded may={may} size="small" variant="outlined" onClick={open}>
        Rotate the secret
      </Guarded>
      {asked && !rotate.data ? (
        <ActDialog
          title={`Rotate the secret of “${name}”?`}
          act="Rotate it"
          color="primary"
          busy={rotate.isPending}
          error={rotate.error}
          onAct={() =>
            rotate.mutate({
              path: { id: endpoint.id },
              headers: { "idempotency-key": asked },
            })
          }
          onClose={close}
        >
          <span>
            Another secret is made, and shown once. For 24 hours every event has two
            signatures, one by each, so that nothing is lost while the receiver changes
            over. Then the one of now ends.
          </span>
          {until && Date.parse(until) > now ? (
            <Box component="span" sx={{ color: "warning.main" }}>
              It was rotated already: the secret before this one signs until{" "}
              {absolute(until)}. Rotating again ends that one at once.
            </Box>
          ) : null}
        </ActDialog>
      ) : null}
      {rotate.data ? (
        <Dialog open aria-labelledby={titleId} maxWidth="sm" fullWidth>
          <DialogTitle id={titleId}>The new secret of “{name}”</DialogTitle>
          <DialogContent>
            <SecretOnce secret={rotate.data.secret} />
            {rotate.data.previous_until ? (
              <Box sx={{ mt: 1.5 }}>
                The one before it signs along until {absolute(rotate.data.previous_until)}
                .
              </Box>
            ) : null}
          </DialogContent>
          <DialogActions>
            <Button variant="contained" onClick={close}>
              I have stored it
            </Button>
          </DialogActions>
        </Dialog>
      ) : null}
    </>
  );
}

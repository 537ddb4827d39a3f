import Typography from "@mui/material/Typography";
import type { ApiKeyRead } from "~/client";
import { ActDialog } from "~/parts/ActDialog";
import { When } from "~/parts/When";
import { useRevokeKey } from "./queries";

type Props = { apiKey: ApiKeyRead; onDone: (said: string) => void; onClose: () => void };

export function RevokeDialog({ apiKey, onDone, onClose }: Props) {
  const revoke = useRevokeKey();
  const { id, name, prefix, last_used_at } = apiKey;
  return (
    <ActDialog
      title={`Revoke “${name}”?`}
      act="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onClose={onClose}
      onAct={() =>
        revoke.mutate(
          { path: { id } },
          { onSuccess: () => onDone(`The key “${name}” is revoked.`) },
        )
      }
    >
      <Typography>
        The next request with {prefix}… is refused, and its event streams end. This cannot
        be taken back. Last used: <When at={last_used_at} />.
      </Typography>
    </ActDialog>
  );
}

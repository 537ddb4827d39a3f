import NotificationsOff from "@mui/icons-material/NotificationsOffOutlined";
import Box from "@mui/material/Box";
import { lazy, Suspense, useState } from "react";
import { When } from "~/parts/When";
import { Guarded } from "./Guarded";
import { LiftButton } from "./LiftButton";
import { type SubjectKind, useEveryMute } from "./queries";

// Its form is not needed to see a problem.
const MuteDialog = lazy(async () => ({
  default: (await import("./MuteDialog")).MuteDialog,
}));

type Props = {
  kind: SubjectKind;
  of: { id: string; name: string };
  /** Who may not see mutes is shown nothing of them. */
  maySee: boolean;
  may: boolean;
};

/** Mute it for a while; where it is, until when, and the way back. */
export function MuteButton({ kind, of, maySee, may }: Props) {
  const mutes = useEveryMute(maySee);
  const [isOpen, setOpen] = useState(false);
  const standing = mutes.data?.items.find((one) => one[kind] === of.id);
  if (!maySee) return null;
  if (standing) {
    return (
      <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          Muted until <When at={standing.until} />
        </Box>
        <LiftButton id={standing.id} may={may} />
      </Box>
    );
  }
  return (
    <>
      <Guarded
        may={may}
        size="small"
        variant="outlined"
        color="inherit"
        startIcon={<NotificationsOff />}
        onClick={() => setOpen(true)}
      >
        Mute
      </Guarded>
      <Suspense fallback={null}>
        {isOpen ? (
          <MuteDialog of={{ kind, ...of }} onClose={() => setOpen(false)} />
        ) : null}
      </Suspense>
    </>
  );
}

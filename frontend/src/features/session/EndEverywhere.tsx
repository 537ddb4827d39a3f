import Button from "@mui/material/Button";
import { ActDialog } from "~/parts/ActDialog";
import { useEndEverywhere } from "./security";

type Props = { isAsked: boolean; onAsk: (isAsked: boolean) => void; onDone: () => void };

/** All sessions end, this one too. */
export function EndEverywhere({ isAsked, onAsk, onDone }: Props) {
  const end = useEndEverywhere();
  return (
    <>
      <Button variant="outlined" color="inherit" onClick={() => onAsk(true)}>
        Sign out everywhere
      </Button>
      {isAsked ? (
        <ActDialog
          title="Sign out everywhere?"
          act="Sign out everywhere"
          busy={end.isPending}
          error={end.error}
          onClose={() => onAsk(false)}
          onAct={() => end.mutate({}, { onSuccess: onDone })}
        >
          All your sessions end, this one too. API keys go on working.
        </ActDialog>
      ) : null}
    </>
  );
}

import { useState } from "react";
import { ActDialog } from "~/parts/ActDialog";
import { Guarded } from "./Guarded";

type Deleting = {
  mutate: (which: { path: { id: string } }, then: { onSuccess: () => void }) => void;
  isPending: boolean;
  error: unknown;
};
type Props = {
  of: { id: string; name: string };
  what: string;
  /** What goes with it, and what stays. */
  means: string;
  may: boolean;
  deleting: Deleting;
  onDone: () => void;
};

/** It cannot be taken back, so it is asked, by name. */
export function DeleteButton({ of, what, means, may, deleting, onDone }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Guarded
        may={may}
        size="small"
        variant="outlined"
        color="error"
        onClick={() => setOpen(true)}
      >
        Delete
      </Guarded>
      {isOpen ? (
        <ActDialog
          title={`Delete ${what} “${of.name}”?`}
          act="Delete it"
          busy={deleting.isPending}
          error={deleting.error}
          onAct={() => deleting.mutate({ path: { id: of.id } }, { onSuccess: onDone })}
          onClose={() => setOpen(false)}
        >
          <span>{means}</span>
        </ActDialog>
      ) : null}
    </>
  );
}

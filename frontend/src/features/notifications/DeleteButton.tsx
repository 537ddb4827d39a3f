import { useState } from "react";
import { ActDialog } from "~/parts/ActDialog";
import { doSoon } from "~/parts/soon";
import { Guarded } from "./Guarded";

type Deleting = {
  mutateAsync: (which: { path: { id: string } }) => Promise<unknown>;
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

/** Asked by name, for it is soon too late to take it back. */
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
          busy={false}
          error={null}
          onAct={() => {
            const { id, name } = of;
            doSoon({ id, name, act: () => deleting.mutateAsync({ path: { id } }) });
            onDone();
          }}
          onClose={() => setOpen(false)}
        >
          <span>{means}</span>
        </ActDialog>
      ) : null}
    </>
  );
}

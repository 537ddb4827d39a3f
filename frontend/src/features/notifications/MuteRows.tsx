import type { ReactNode } from "react";
import type { MuteRead } from "~/client";
import { When } from "~/parts/When";
import { LiftButton } from "./LiftButton";
import { SUBJECTS } from "./queries";
import { Row, Rows, Under } from "./Rows";
import { SUBJECT_NAMES } from "./words";

type Props = {
  mutes: readonly MuteRead[];
  /** What is muted, by its name, leading there. */
  nameOf: (mute: MuteRead) => ReactNode;
  may: boolean;
};

export function MuteRows({ mutes, nameOf, may }: Props) {
  return (
    <Rows>
      {mutes.map((mute) => {
        const kind = SUBJECTS.find((one) => mute[one]);
        return (
          <Row
            key={mute.id}
            lead={
              <>
                {nameOf(mute)}
                <Under>{kind ? SUBJECT_NAMES[kind] : "What was deleted"}</Under>
              </>
            }
            middle={
              <>
                Until <When at={mute.until} />
                <Under>{mute.reason ?? "No reason was given."}</Under>
              </>
            }
            acts={<LiftButton id={mute.id} may={may} />}
          />
        );
      })}
    </Rows>
  );
}

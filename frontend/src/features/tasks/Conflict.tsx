import { Met } from "~/parts/Met";
import { MEMBERS, type Meeting, type Member } from "./change";

type Props = { met: Meeting; version: number; onTakeTheirs: () => void };

const named = (members: readonly Member[]): string =>
  new Intl.ListFormat("en").format(members.map((one) => MEMBERS[one]));

/** Somebody saved the task while it was being changed here: what they changed, and what
 * becomes of it. Nothing that was typed is lost. */
export function Conflict({ met, version, onTakeTheirs }: Props) {
  const { theirs, both } = met;
  return (
    <Met what="the task" onTakeTheirs={onTakeTheirs}>
      {theirs.length > 0
        ? `Version ${version} changed ${named(theirs)}. `
        : `It is version ${version} now. `}
      {both.length > 0
        ? `You changed ${named(both)} too: yours is shown, and saving puts it in place of theirs.`
        : "That is shown below, together with what you typed. Save again to keep both."}
    </Met>
  );
}

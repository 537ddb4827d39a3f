import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Drawer from "@mui/material/Drawer";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import type { AuditEventRead } from "~/client";
import { CopyBlock, CopyIcon } from "~/parts/Copy";
import { Facts } from "~/parts/Facts";
import { absolute } from "~/parts/time";
import { subjectInWords } from "./words";

type Props = {
  event: AuditEventRead;
  who: string;
  /** The way to what it was done to, where it has a page. */
  subject: ReactNode;
  onOnly: (filter: { who?: string; subject?: string; id?: string }) => void;
  onClose: () => void;
};

const copied = (text: string, what: string) => (
  <>
    {text} <CopyIcon text={text} what={what} />
  </>
);

/** All that the log has of one act, and the way to what belongs to it. */
export function EventDetail({ event, who, subject, onOnly, onClose }: Props) {
  const { action, actor, subject_type, subject_id, detail, seq, hash } = event;
  const facts: (readonly [string, ReactNode])[] = [
    ["When", absolute(event.at)],
    ["Who", who],
    ["As written", copied(actor, "actor")],
    ["Subject", subject],
    ...(subject_id ? [["Id of the subject", copied(subject_id, "id")] as const] : []),
    ["Address", event.address ?? "Not kept"],
    ["Client", event.user_agent ?? "Not kept"],
    ["Request", event.request_id ? copied(event.request_id, "request id") : "None"],
    ["In the chain", seq === null ? "Within some minutes" : `Number ${seq}`],
    ...(hash ? [["SHA-256", copied(hash, "hash")] as const] : []),
  ];
  return (
    <Drawer anchor="right" open onClose={onClose} aria-labelledby="event-title">
      <Box
        role="dialog"
        aria-labelledby="event-title"
        sx={{ width: { xs: "100vw", sm: 480 }, p: 2, display: "grid", gap: 2 }}
      >
        <Box sx={{ display: "flex", justifyContent: "space-between", gap: 1 }}>
          <Typography variant="h2" id="event-title" sx={{ overflowWrap: "anywhere" }}>
            {action}
          </Typography>
          <Button color="inherit" onClick={onClose}>
            Close
          </Button>
        </Box>
        <Facts facts={facts} />
        {Object.keys(detail).length > 0 ? (
          <CopyBlock text={JSON.stringify(detail, null, 2)} what="details" />
        ) : (
          <Typography sx={{ color: "text.secondary" }}>It has no details.</Typography>
        )}
        <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
          <Button variant="outlined" onClick={() => onOnly({ who: actor })}>
            All that they did
          </Button>
          {subject_id ? (
            <Button
              variant="outlined"
              onClick={() => onOnly({ subject: subject_type, id: subject_id })}
            >
              All about this {subjectInWords(subject_type)}
            </Button>
          ) : null}
        </Box>
      </Box>
    </Drawer>
  );
}

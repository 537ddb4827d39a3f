import ExpandLess from "@mui/icons-material/ExpandLess";
import ExpandMore from "@mui/icons-material/ExpandMore";
import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import { useId } from "react";
import type { DeliveryRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { TextLink } from "~/parts/links";
import { Status } from "~/parts/Status";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";
import { linesOf, titleOf, useReplay } from "./deliveries";
import { Guarded } from "./Guarded";
import { Tries } from "./Tries";
import { DROPPED, eventOf } from "./words";

type Props = {
  delivery: DeliveryRead;
  may: boolean;
  /** Where the list is of all channels and endpoints. */
  namesRecipient: boolean;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
};

export function DeliveryRow(props: Props) {
  const { delivery, may, namesRecipient, isOpen, onOpen } = props;
  const id = useId();
  const { status, attempts, response_code, error, drop_reason } = delivery;
  const said = drop_reason ? DROPPED[drop_reason] : error;
  const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
  const Mark = isOpen ? ExpandLess : ExpandMore;
  return (
    <Box component="li" sx={{ "& + &": { borderTop: 1, borderColor: "divider" } }}>
      <ButtonBase
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => onOpen(!isOpen)}
        sx={{
          display: "grid",
          gridTemplateColumns: {
            xs: "1fr auto",
            md: "5fr 2fr 4fr auto",
          },
          gap: { xs: 0.5, md: 2 },
          width: "100%",
          textAlign: "left",
          alignItems: "start",
          font: "inherit",
          px: 2,
          py: 1.25,
          "&:hover": { bgcolor: "action.hover" },
        }}
      >
        <Box sx={{ minWidth: 0 }}>
          <Box sx={{ fontWeight: 550, overflowWrap: "anywhere" }}>
            {titleOf(delivery)}
          </Box>
          <Box sx={{ color: "text.secondary", fontSize: 12 }}>
            {eventOf(delivery.event)} · <When at={delivery.at} />
            {delivery.replay_of ? " · sent again" : ""}
          </Box>
        </Box>
        <Box sx={{ gridRow: { xs: 2, md: "auto" } }}>
          <Status word={status} />
        </Box>
        <Box
          sx={{
            minWidth: 0,
            color: "text.secondary",
            overflowWrap: "anywhere",
            gridRow: { xs: 3, md: "auto" },
          }}
        >
          {[
            attempts > 0 ? tries : null,
            response_code === null ? null : `answered ${response_code}`,
          ]
            .filter(Boolean)
            .join(", ")}
          {said ? <Box sx={{ fontSize: 12 }}>{said}</Box> : null}
        </Box>
        <Mark
          aria-hidden
          fontSize="small"
          sx={{
            color: "text.secondary",
            gridRow: { xs: 1, md: "auto" },
            gridColumn: { xs: 2, md: "auto" },
          }}
        />
      </ButtonBase>
      <Box id={id} hidden={!isOpen} sx={{ px: 2, pb: 2 }}>
        {isOpen ? (
          <Detail delivery={delivery} may={may} namesRecipient={namesRecipient} />
        ) : null}
      </Box>
    </Box>
  );
}

type DetailProps = Pick<Props, "delivery" | "may" | "namesRecipient">;

function Detail({ delivery, may, namesRecipient }: DetailProps) {
  const replay = useReplay();
  const { status, available_at, why, message_id, delivered_at } = delivery;
  const lines = linesOf(delivery);
  return (
    <Box sx={{ display: "grid", gap: 1.5 }}>
      {lines.length > 0 ? (
        <Box component="ul" sx={{ m: 0, pl: 2.5, overflowWrap: "anywhere" }}>
          {lines.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </Box>
      ) : null}
      <Facts
        facts={[
          ...(namesRecipient
            ? [["To", <To key="to" delivery={delivery} />] as const]
            : []),
          [
            "Why it is told",
            why ?? (delivery.endpoint_id ? "The endpoint names it." : "—"),
          ],
          ...(status === "pending"
            ? [["Not before", <When key="at" at={available_at} />] as const]
            : []),
          ...(delivered_at
            ? [["Taken", <When key="at" at={delivered_at} />] as const]
            : []),
          ...(message_id ? [["Message id", message_id] as const] : []),
        ]}
      />
      <Tries tries={delivery.tries} />
      {replay.error ? <TroubleAlert error={replay.error} /> : null}
      <Box aria-live="polite">
        {replay.data ? (
          <Box sx={{ color: "text.secondary" }}>
            It is on its way again, as a delivery of its own.
          </Box>
        ) : (
          <Guarded
            may={may}
            size="small"
            variant="outlined"
            disabled={replay.isPending || status === "pending"}
            onClick={() => replay.mutate({ path: { id: delivery.id } })}
          >
            {status === "pending" ? "Still being tried" : "Send it again"}
          </Guarded>
        )}
      </Box>
    </Box>
  );
}

function To({ delivery: { channel_id, endpoint_id } }: Pick<Props, "delivery">) {
  return channel_id ? (
    <TextLink to="/notifications/channels/$id" params={{ id: channel_id }}>
      a channel
    </TextLink>
  ) : (
    <TextLink to="/notifications/endpoints/$id" params={{ id: endpoint_id ?? "" }}>
      a webhook endpoint
    </TextLink>
  );
}

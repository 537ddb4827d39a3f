import Box from "@mui/material/Box";
import type { RulePreview as Preview } from "~/client";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { type Choice, eventOf } from "./words";

type Props = { preview: Preview; channels: readonly Choice[] | undefined };

const MOST = 50;

/** What of the last notices would have been told. */
export function RulePreview({ preview, channels }: Props) {
  const { looked_at, since, tellings, not_recorded } = preview;
  const names = new Map(channels?.map(({ id, label }) => [id, label]));
  const told = tellings.length === 1 ? "1 telling" : `${tellings.length} tellings`;
  return (
    <Box aria-live="polite" sx={{ display: "grid", gap: 1.5 }}>
      <Box>
        {looked_at === 0 ? (
          "There are no notices to look at yet."
        ) : (
          <>
            {told} of the last {looked_at === 1 ? "notice" : `${looked_at} notices`},
            since <When at={since} />.
          </>
        )}
        {not_recorded.length > 0
          ? ` Nobody has asked for these so far, so there is nothing to look at: ${not_recorded
              .map(eventOf)
              .join(", ")}.`
          : ""}
      </Box>
      {tellings.length > 0 ? (
        <Box component="ol" sx={{ listStyle: "none", m: 0, p: 0 }}>
          {tellings.slice(0, MOST).map((one) => (
            <Box
              component="li"
              key={`${one.notice_id} ${one.not_before} ${one.channel_ids.join()}`}
              sx={{
                py: 1,
                "& + &": { borderTop: 1, borderColor: "divider" },
              }}
            >
              <Box sx={{ display: "flex", gap: 1.5, flexWrap: "wrap" }}>
                <Status word={one.severity} />
                <Box sx={{ flex: "1 1 240px", minWidth: 0, overflowWrap: "anywhere" }}>
                  {one.title}
                </Box>
              </Box>
              <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                {one.in_digest ? "In a digest, not before " : "Not before "}
                <When at={one.not_before} /> · to{" "}
                {one.channel_ids.map((id) => names.get(id) ?? "a channel").join(", ")} ·{" "}
                {one.why}
              </Box>
            </Box>
          ))}
        </Box>
      ) : null}
      {tellings.length > MOST ? (
        <Box sx={{ color: "text.secondary" }}>And {tellings.length - MOST} more.</Box>
      ) : null}
    </Box>
  );
}

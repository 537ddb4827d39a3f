import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import type { SessionRead } from "~/client";
import { Asked } from "~/parts/Asked";
import { When } from "~/parts/When";
import { deviceOf } from "./device";
import { useEndSession, useSessions } from "./security";

/** Where one is signed in. */
export function Sessions() {
  const sessions = useSessions();
  return (
    <Asked query={sessions} lines={4}>
      {({ pages }) => (
        <>
          <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
            {pages
              .flatMap(({ items }) => items)
              .map((one) => (
                <Row key={one.id} session={one} />
              ))}
          </Box>
          {sessions.hasNextPage ? (
            <Box sx={{ p: 1, borderTop: 1, borderColor: "divider" }}>
              <Button
                disabled={sessions.isFetchingNextPage}
                onClick={() => void sessions.fetchNextPage()}
              >
                Show more
              </Button>
            </Box>
          ) : null}
        </>
      )}
    </Asked>
  );
}

function Row({ session }: { session: SessionRead }) {
  const end = useEndSession();
  const device = deviceOf(session.user_agent);
  return (
    <Box
      component="li"
      sx={{
        display: "flex",
        gap: 1.5,
        alignItems: "center",
        flexWrap: "wrap",
        px: 2,
        py: 1.25,
        "& + &": { borderTop: 1, borderColor: "divider" },
      }}
    >
      <Box sx={{ flex: "1 1 220px", minWidth: 0 }}>
        <Tooltip title={session.user_agent ?? ""}>
          <Box component="span" sx={{ fontWeight: 550, overflowWrap: "anywhere" }}>
            {device}
          </Box>
        </Tooltip>
        <Box sx={{ color: "text.secondary", fontSize: 12 }}>
          from {session.address ?? "an unknown address"} · signed in{" "}
          <When at={session.created_at} /> · last seen <When at={session.refreshed_at} />
        </Box>
      </Box>
      {session.is_this_one ? (
        <Box sx={{ color: "text.secondary" }}>This one</Box>
      ) : (
        <Tooltip title={end.error ? troubleOf(end.error).detail : ""}>
          <span>
            <Button
              size="small"
              variant="outlined"
              color={end.error ? "error" : "inherit"}
              aria-label={`End the session of ${device}`}
              disabled={end.isPending || end.isSuccess}
              onClick={() => end.mutate({ path: { id: session.id } })}
            >
              {end.error ? "Try again" : "End"}
            </Button>
          </span>
        </Tooltip>
      )}
    </Box>
  );
}

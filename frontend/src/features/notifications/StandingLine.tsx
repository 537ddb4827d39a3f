import Box from "@mui/material/Box";
import { Status } from "~/parts/Status";
import { useNow } from "~/parts/useNow";
import { When } from "~/parts/When";
import { standingOf, type Told } from "./standing";

/** How it stands, and what came last, as far as there is something to be said. */
export function StandingLine({ of }: { of: Told }) {
  const { word, said, at } = standingOf(of, useNow());
  return (
    <Box aria-live="polite" sx={{ minWidth: 0 }}>
      <Status word={word} />
      <Box
        component="span"
        sx={{ color: "text.secondary", fontSize: 12, display: "block" }}
      >
        <Box component="span" sx={{ overflowWrap: "anywhere" }}>
          {said}
        </Box>
        {at ? (
          <>
            {" "}
            {word === "failing" ? "Since " : word === "paused" ? "Tried again " : "· "}
            <When at={at} />
          </>
        ) : null}
      </Box>
    </Box>
  );
}

import Box from "@mui/material/Box";
import { Asked } from "~/parts/Asked";
import { CopyIcon } from "~/parts/Copy";
import { Empty } from "~/parts/Empty";
import { More } from "~/parts/More";
import { When } from "~/parts/When";
import { useHeads } from "./queries";

/** The end of the chain on each day: what the log is held against. */
export function Heads() {
  const heads = useHeads();
  return (
    <Asked query={heads} lines={3}>
      {({ pages }) => {
        const all = pages.flatMap(({ items }) => items);
        if (all.length === 0)
          return (
            <Empty
              title="No day has been closed yet"
              text="Once a day the end of the chain is noted, and mailed to the owners."
            />
          );
        return (
          <>
            <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
              {all.map(({ id, day, seq, hash, at }) => (
                <Box
                  component="li"
                  key={id}
                  sx={{
                    display: "flex",
                    flexWrap: "wrap",
                    alignItems: "center",
                    columnGap: 2,
                    px: 2,
                    py: 0.75,
                    "& + &": { borderTop: 1, borderColor: "divider" },
                  }}
                >
                  <Box sx={{ fontWeight: 550 }}>{day}</Box>
                  <Box>{seq} events</Box>
                  <Box
                    component="code"
                    sx={{ flex: "1 1 200px", minWidth: 0, overflowWrap: "anywhere" }}
                  >
                    {hash} <CopyIcon text={hash} what={`hash of ${day}`} />
                  </Box>
                  <Box sx={{ color: "text.secondary" }}>
                    noted <When at={at} />
                  </Box>
                </Box>
              ))}
            </Box>
            <More query={heads} />
          </>
        );
      }}
    </Asked>
  );
}

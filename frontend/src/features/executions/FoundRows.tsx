import Box from "@mui/material/Box";
import type { ReactNode } from "react";
import type { FindingRead, FoundResourceRead } from "~/client";
import { TextLink } from "~/parts/links";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

/** The verdict on each resource, and why. */
export function FindingRows({ items }: { items: readonly FindingRead[] }) {
  return (
    <Rows>
      {items.map((one) => (
        <Box component="li" key={one.id} sx={ROW}>
          <Box sx={{ flex: "0 0 140px" }}>
            <Status word={one.verdict} />
          </Box>
          <Box sx={{ flex: "1 1 220px", minWidth: 0, overflowWrap: "anywhere" }}>
            <Box sx={{ fontWeight: 550 }}>{one.name ?? one.identity}</Box>
            <Box sx={{ color: "text.secondary" }}>{one.reason}</Box>
          </Box>
          <Place type={one.type} region={one.region} from={one.from_at} word="so" />
        </Box>
      ))}
    </Rows>
  );
}

/** The resources that were listed, each with its page in the inventory. */
export function FoundResourceRows({ items }: { items: readonly FoundResourceRead[] }) {
  return (
    <Rows>
      {items.map((one) => (
        <Box component="li" key={one.id} sx={ROW}>
          <Box sx={{ flex: "1 1 220px", minWidth: 0, overflowWrap: "anywhere" }}>
            <TextLink
              underline="hover"
              to="/inventory/$id"
              params={{ id: one.id }}
              sx={{ fontWeight: 550 }}
            >
              {one.name ?? one.identity}
            </TextLink>
            {one.name && one.name !== one.identity ? (
              <Box sx={{ color: "text.secondary", fontSize: 12 }}>{one.identity}</Box>
            ) : null}
          </Box>
          <Place
            type={one.type}
            region={one.region}
            from={one.from_at}
            word="unchanged"
          />
        </Box>
      ))}
    </Rows>
  );
}

const ROW = {
  display: "flex",
  flexWrap: "wrap",
  columnGap: 2,
  rowGap: 0.25,
  px: 2,
  py: 1,
  "& + &": { borderTop: 1, borderColor: "divider" },
} as const;

const Rows = ({ children }: { children: ReactNode }) => (
  <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
    {children}
  </Box>
);

type PlaceProps = { type: string; region: string; from: string; word: string };

const Place = ({ type, region, from, word }: PlaceProps) => (
  <Box sx={{ flex: "0 1 260px", color: "text.secondary", fontSize: 12, minWidth: 0 }}>
    <Box sx={{ overflowWrap: "anywhere" }}>
      {type} · {region}
    </Box>
    {word} since <When at={from} />
  </Box>
);

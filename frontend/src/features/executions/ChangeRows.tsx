import Box from "@mui/material/Box";
import type { ChangeRead } from "~/client";
import { FieldChanges } from "~/parts/FieldChanges";
import { Status } from "~/parts/Status";

/** What became of each resource, or of the verdict on it, and in which fields. */
export function ChangeRows({ items }: { items: readonly ChangeRead[] }) {
  return (
    <Box component="ul" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {items.map((one) => (
        <Box
          component="li"
          key={`${one.kind} ${one.key} ${one.region} ${one.type} ${one.identity}`}
          sx={{
            px: 2,
            py: 1.25,
            display: "grid",
            gap: 1,
            "& + &": { borderTop: 1, borderColor: "divider" },
          }}
        >
          <Box
            sx={{
              display: "flex",
              flexWrap: "wrap",
              columnGap: 1.5,
              alignItems: "center",
            }}
          >
            <Status word={one.change} />
            <Box component="span" sx={{ fontWeight: 550, overflowWrap: "anywhere" }}>
              {one.name ?? one.identity}
            </Box>
            <Box component="span" sx={{ color: "text.secondary", fontSize: 12 }}>
              {one.type} · {one.region}
              {one.name && one.name !== one.identity ? ` · ${one.identity}` : null}
            </Box>
          </Box>
          {one.fields.length > 0 ? <FieldChanges fields={one.fields} /> : null}
        </Box>
      ))}
    </Box>
  );
}

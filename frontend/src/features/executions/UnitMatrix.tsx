import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Tooltip from "@mui/material/Tooltip";
import type { UnitRead } from "~/client";
import { colorOf, lookOf } from "~/status";
import { matrixOf } from "./matrix";

type Props = {
  units: readonly UnitRead[];
  chosen: string | undefined;
  onChoose: (unit: UnitRead) => void;
};

const CELL = {
  p: 0.5,
  textAlign: "center",
  whiteSpace: "nowrap",
  fontWeight: 450,
} as const;

/** Service × region: each cell is one unit, with its status; a click tells its story. */
export function UnitMatrix({ units, chosen, onChoose }: Props) {
  const { regions, lines } = matrixOf(units);
  return (
    <Box
      sx={{ overflowX: "auto" }}
      tabIndex={0}
      role="region"
      aria-label="Units by region"
    >
      <Box
        component="table"
        sx={{ borderCollapse: "collapse", fontSize: 12, minWidth: "100%" }}
      >
        <thead>
          <tr>
            <Box
              component="th"
              scope="col"
              sx={{
                ...CELL,
                textAlign: "left",
                pl: 2,
                position: "sticky",
                left: 0,
                bgcolor: "background.paper",
              }}
            >
              Service
            </Box>
            {regions.map((region) => (
              <Box
                component="th"
                scope="col"
                key={region}
                sx={{ ...CELL, color: "text.secondary" }}
              >
                {region}
              </Box>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ service, key, byRegion }) => (
            <Box
              component="tr"
              key={`${service}/${key}`}
              sx={{ borderTop: 1, borderColor: "divider" }}
            >
              <Box
                component="th"
                scope="row"
                sx={{
                  ...CELL,
                  textAlign: "left",
                  pl: 2,
                  position: "sticky",
                  left: 0,
                  bgcolor: "background.paper",
                  maxWidth: { xs: 170, sm: 320 },
                  whiteSpace: "normal",
                  overflowWrap: "anywhere",
                }}
              >
                {key.startsWith(service) ? key : `${service} ${key}`}
              </Box>
              {regions.map((region) => (
                <Box component="td" key={region} sx={CELL}>
                  <Cell unit={byRegion.get(region)} chosen={chosen} onChoose={onChoose} />
                </Box>
              ))}
            </Box>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}

function Cell({
  unit,
  chosen,
  onChoose,
}: Omit<Props, "units"> & { unit: UnitRead | undefined }) {
  if (!unit) return null;
  const { label, tone, Icon } = lookOf(unit.status);
  const name = `${unit.service} ${unit.key} in ${unit.region}: ${label}${unit.verdict ? `, ${lookOf(unit.verdict).label}` : ""}`;
  return (
    <Tooltip title={name}>
      <ButtonBase
        aria-label={name}
        aria-pressed={chosen === unit.id}
        onClick={() => onChoose(unit)}
        sx={{
          minWidth: 28,
          minHeight: 28,
          borderRadius: 1,
          bgcolor: chosen === unit.id ? "action.selected" : undefined,
        }}
      >
        <Icon aria-hidden sx={{ fontSize: 16, color: colorOf(tone) }} />
      </ButtonBase>
    </Tooltip>
  );
}

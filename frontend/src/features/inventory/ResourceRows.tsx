import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { ResourceRead } from "~/client";
import { TextLink } from "~/parts/links";
import { ReadAt } from "./ReadAt";

type Props = {
  items: readonly ResourceRead[];
  /** Names of accounts by their ids. */
  names: ReadonlyMap<string, string>;
};

const WIDE = { display: { xs: "none", md: "table-cell" } } as const;
const CELL = { overflowWrap: "anywhere", verticalAlign: "top" } as const;

/** Resources, a line each; narrow ones tell the rest below the name. */
export function ResourceRows({ items, names }: Props) {
  return (
    <TableContainer>
      <Table size="small" sx={{ tableLayout: "fixed" }}>
        <TableHead sx={{ display: { xs: "none", md: "table-header-group" } }}>
          <TableRow>
            <TableCell sx={{ width: "32%" }}>Resource</TableCell>
            <TableCell sx={{ width: "18%" }}>Type</TableCell>
            <TableCell>Region</TableCell>
            <TableCell sx={{ width: "15%" }}>Account</TableCell>
            <TableCell>State</TableCell>
            <TableCell sx={{ width: "14%" }}>Read</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {items.map((one) => {
            const account = names.get(one.aws_account_id) ?? one.account_id;
            return (
              <TableRow key={one.id} hover>
                <TableCell sx={CELL}>
                  <TextLink
                    underline="hover"
                    to="/inventory/$id"
                    params={{ id: one.id }}
                    sx={{ fontWeight: 550 }}
                  >
                    {one.name ?? one.identity}
                  </TextLink>
                  {one.name && one.name !== one.identity ? (
                    <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                      {one.identity}
                    </Box>
                  ) : null}
                  <Box
                    sx={{
                      display: { md: "none" },
                      color: "text.secondary",
                      fontSize: 12,
                    }}
                  >
                    {[one.type, one.region, account, one.state]
                      .filter(Boolean)
                      .join(" · ")}
                    <Box>
                      <ReadAt resource={one} />
                    </Box>
                  </Box>
                </TableCell>
                <TableCell sx={{ ...CELL, ...WIDE }}>{one.type}</TableCell>
                <TableCell sx={{ ...CELL, ...WIDE }}>{one.region}</TableCell>
                <TableCell sx={{ ...CELL, ...WIDE }}>{account}</TableCell>
                <TableCell sx={{ ...CELL, ...WIDE }}>
                  {one.state ?? (
                    <Box component="span" sx={{ color: "text.secondary" }}>
                      none told
                    </Box>
                  )}
                </TableCell>
                <TableCell sx={{ ...CELL, ...WIDE, fontSize: 12 }}>
                  <ReadAt resource={one} />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

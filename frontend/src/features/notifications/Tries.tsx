import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { TryRead } from "~/client";
import { When } from "~/parts/When";

/** Each try, as it went. */
export function Tries({ tries }: { tries: readonly TryRead[] }) {
  if (tries.length === 0) {
    return <Box sx={{ color: "text.secondary" }}>It was not tried yet.</Box>;
  }
  return (
    // Scrolls where it is narrow, so the keyboard must be able to reach it.
    <Box tabIndex={0} role="region" aria-label="Tries" sx={{ overflowX: "auto" }}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Tried</TableCell>
            <TableCell>Answer</TableCell>
            <TableCell>Took</TableCell>
            <TableCell>What went wrong</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {tries.map(({ at, code, ms, error }) => (
            <TableRow key={at}>
              <TableCell>
                <When at={at} />
              </TableCell>
              <TableCell>{code ?? "none"}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{ms} ms</TableCell>
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                {error ?? "nothing"}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}

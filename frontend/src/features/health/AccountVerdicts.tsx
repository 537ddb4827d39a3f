import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import type { AccountHealthRead, ServiceHealthRead } from "~/client";
import { TextLink } from "~/parts/links";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

const WELL = [
  "healthy",
  "reachable",
  "inactive",
  "no_resources",
  "excluded",
  "not_applicable",
];
const NAMED = 3;

/** Each account with its verdict, when that was found, and what is not well there. */
export function AccountVerdicts({ items }: { items: readonly AccountHealthRead[] }) {
  return (
    <TableContainer>
      <Table size="small">
        <TableHead sx={{ display: { xs: "none", sm: "table-header-group" } }}>
          <TableRow>
            <TableCell>Account</TableCell>
            <TableCell>Verdict</TableCell>
            <TableCell>As of</TableCell>
            <TableCell>Not well</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {items.map((account) => (
            <TableRow
              key={account.id}
              hover
              sx={{
                display: { xs: "grid", sm: "table-row" },
                gridTemplateColumns: "1fr 1fr",
                "& > td": {
                  borderBottom: { xs: 0, sm: 1 },
                  borderColor: { sm: "divider" },
                },
                borderBottom: { xs: 1, sm: 0 },
                borderColor: { xs: "divider" },
              }}
            >
              <TableCell>
                <TextLink
                  underline="hover"
                  to="/accounts/$id"
                  params={{ id: account.id }}
                  sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
                >
                  {account.name}
                </TextLink>
                <Box sx={{ color: "text.secondary", fontSize: 12 }}>
                  {account.account_id}
                </Box>
              </TableCell>
              <TableCell>
                <Status
                  word={account.verdict}
                  reason={account.connected ? null : "disconnected"}
                />
              </TableCell>
              <TableCell sx={{ color: "text.secondary", pt: { xs: 0, sm: 0.75 } }}>
                <When at={account.as_of} none="not looked at" />
              </TableCell>
              <TableCell sx={{ pt: { xs: 0, sm: 0.75 } }}>
                <NotWell services={account.services} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function NotWell({ services }: { services: readonly ServiceHealthRead[] }) {
  const ill = services.filter(({ verdict }) => !WELL.includes(verdict));
  if (ill.length === 0)
    return (
      <Box component="span" sx={{ color: "text.secondary" }}>
        nothing known
      </Box>
    );
  const rest = ill.length - NAMED;
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", columnGap: 1.5, rowGap: 0.25 }}>
      {ill.slice(0, NAMED).map(({ service, verdict, reason }) => (
        <Box component="span" key={service} sx={{ display: "inline-flex", gap: 0.5 }}>
          <Box component="span" sx={{ fontWeight: 500 }}>
            {service}
          </Box>
          <Status word={verdict} reason={reason} />
        </Box>
      ))}
      {rest > 0 ? (
        <Box component="span" sx={{ color: "text.secondary" }}>
          and {rest} more
        </Box>
      ) : null}
    </Box>
  );
}

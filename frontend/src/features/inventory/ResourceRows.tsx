import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useState } from "react";
import type { ResourceRead } from "~/client";
import { TextLink } from "~/parts/links";
import { ReadAt } from "./ReadAt";

type Props = {
  items: readonly ResourceRead[];
  /** Names of accounts by their ids. */
  names: ReadonlyMap<string, string>;
};

const likelyHeight = () => 52; // px
const FEW = 100; // rows, up to which all are drawn: then all can be printed and searched
const BEYOND = 3; // of more, those kept above and below what is in sight
// Said once for all cells: to say it in each takes most of the time that a row takes.
const TABLE = {
  tableLayout: "fixed",
  "& tbody td": { overflowWrap: "anywhere", verticalAlign: "top" },
  "& tbody td:nth-of-type(6)": { fontSize: 12 },
  "& tbody a": { fontWeight: 550 },
  "& .aside": { color: "text.secondary", fontSize: 12 },
} as const;

/**
 * Resources, a line each; narrow ones tell the rest below the name. Of thousands only
 * those around what is in sight are drawn.
 */
export function ResourceRows({ items, names }: Props) {
  const isWide = useMediaQuery((theme) => theme.breakpoints.up("md"), { noSsr: true });
  const [top, setTop] = useState(0);
  // Both are the same as long as the items are: else all are measured anew.
  const keyOf = useCallback((index: number) => items[index]?.id ?? index, [items]);
  const place = useCallback((body: HTMLElement | null) => {
    if (body) setTop(body.getBoundingClientRect().top + window.scrollY);
  }, []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: likelyHeight,
    overscan: items.length <= FEW ? FEW : BEYOND,
    useFlushSync: false, // what one frame brings is drawn at once
    scrollMargin: top,
    getItemKey: keyOf,
  });
  const columns = isWide ? 6 : 1;
  const drawn = rows.getVirtualItems();
  const first = drawn.at(0);
  const last = drawn.at(-1);
  return (
    <TableContainer>
      <Table size="small" aria-rowcount={items.length + 1} sx={TABLE}>
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
        <TableBody ref={place}>
          <Gap columns={columns} height={first ? first.start - top : 0} />
          {drawn.map((at) => {
            const one = items[at.index];
            return one ? (
              <Row
                key={at.key}
                index={at.index}
                isWide={isWide}
                one={one}
                account={names.get(one.aws_account_id) ?? one.account_id}
                measure={rows.measureElement}
              />
            ) : null;
          })}
          <Gap
            columns={columns}
            height={last ? rows.getTotalSize() + top - last.end : 0}
          />
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** The place of rows that are not drawn. */
function Gap({ columns, height }: { columns: number; height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}

type RowProps = {
  index: number;
  one: ResourceRead;
  account: string;
  isWide: boolean;
  measure: (row: HTMLElement | null) => void;
};

const Row = memo(function Row({ index, one, account, isWide, measure }: RowProps) {
  const facts = [one.type, one.region, account, one.state];
  return (
    <TableRow hover ref={measure} data-index={index} aria-rowindex={index + 2}>
      <TableCell>
        <TextLink underline="hover" to="/inventory/$id" params={{ id: one.id }}>
          {one.name ?? one.identity}
        </TextLink>
        {one.name && one.name !== one.identity ? (
          <div className="aside">{one.identity}</div>
        ) : null}
        {isWide ? null : (
          <div className="aside">
            {facts.filter(Boolean).join(" · ")}
            <div>
              <ReadAt resource={one} />
            </div>
          </div>
        )}
      </TableCell>
      {isWide ? (
        <>
          <TableCell>{one.type}</TableCell>
          <TableCell>{one.region}</TableCell>
          <TableCell>{account}</TableCell>
          <TableCell className={one.state ? undefined : "aside"}>
            {one.state ?? "none told"}
          </TableCell>
          <TableCell>
            <ReadAt resource={one} />
          </TableCell>
        </>
      ) : null}
    </TableRow>
  );
});

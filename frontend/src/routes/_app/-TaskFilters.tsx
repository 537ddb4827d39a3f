import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { type ReactNode, useId } from "react";
import { idOf, oneOf } from "~/parts/search";
import { STATES, type TaskSearch, TYPES } from "./-taskSearch";

type Props = {
  search: TaskSearch;
  accounts: readonly { id: string; name: string }[];
  onChange: (next: TaskSearch) => void;
};

/** Each choice is in the URL; the first page is begun anew with each. */
export function TaskFilters({ search, accounts, onChange }: Props) {
  const { q = "", type = "", state = "", account = "" } = search;
  const change = (next: TaskSearch) =>
    onChange({ ...search, cursor: undefined, ...next });
  return (
    <Box
      role="search"
      sx={{
        display: "grid",
        gap: 1.5,
        mb: 2,
        gridTemplateColumns: { xs: "1fr 1fr", md: "2fr 1fr 1fr 1fr" },
        "& > :first-of-type": { gridColumn: { xs: "1 / -1", md: "auto" } },
      }}
    >
      <TextField
        type="search"
        label="Search by name"
        value={q}
        onChange={(event) => change({ q: event.target.value || undefined })}
      />
      <Choice
        label="Type"
        value={type}
        onChange={(value) => change({ type: oneOf(value, TYPES) })}
      >
        <MenuItem value="health_check">Health checks</MenuItem>
        <MenuItem value="resource_list">Inventories</MenuItem>
      </Choice>
      <Choice
        label="State"
        value={state}
        onChange={(value) => change({ state: oneOf(value, STATES) })}
      >
        <MenuItem value="enabled">Enabled</MenuItem>
        <MenuItem value="paused">Paused</MenuItem>
      </Choice>
      <Choice
        label="Account"
        // One that is not known yet is filtered by all the same.
        value={accounts.some(({ id }) => id === account) ? account : ""}
        onChange={(value) => change({ account: idOf(value) })}
      >
        {accounts.map(({ id, name }) => (
          <MenuItem key={id} value={id}>
            {name}
          </MenuItem>
        ))}
      </Choice>
    </Box>
  );
}

type ChoiceProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
};

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <TextField
      id={id}
      select
      label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
    >
      <MenuItem value="">All</MenuItem>
      {children}
    </TextField>
  );
}

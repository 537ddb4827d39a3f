import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { type AuditFilter, isFiltered } from "./filters";
import { ACTIONS, actorInWords, OTHERS, SUBJECTS, subjectInWords } from "./words";

type Props = {
  filter: AuditFilter;
  members: readonly { user_id: string; name: string }[];
  onChange: (filter: AuditFilter) => void;
};

const SHRUNK = { inputLabel: { shrink: true } } as const;

export function FilterBar({ filter, members, onChange }: Props) {
  const set = (part: AuditFilter) => onChange({ ...filter, ...part });
  const people = members.map(({ user_id }) => `user:${user_id}`);
  const actors = [...people, ...Object.keys(OTHERS)];
  if (filter.who && !actors.includes(filter.who)) actors.push(filter.who);
  const subjects: string[] = [...SUBJECTS];
  if (filter.subject && !subjects.includes(filter.subject)) subjects.push(filter.subject);
  return (
    <Box
      role="search"
      aria-label="Filters of the log"
      sx={{
        display: "grid",
        gap: 1.5,
        mb: 2,
        gridTemplateColumns: {
          xs: "1fr 1fr",
          md: "2fr 2fr 2fr 1.5fr 1.5fr auto",
        },
        alignItems: "center",
      }}
    >
      <TextField
        id="filter-who"
        select
        label="Who"
        value={filter.who ?? ""}
        onChange={({ target }) => set({ who: target.value || undefined })}
      >
        <MenuItem value="">Anybody</MenuItem>
        {actors.map((one) => (
          <MenuItem key={one} value={one}>
            {actorInWords(one, members)}
          </MenuItem>
        ))}
      </TextField>
      <Autocomplete
        freeSolo
        autoSelect
        options={[...ACTIONS]}
        value={filter.action ?? null}
        onChange={(_, action) => set({ action: action?.trim() || undefined })}
        renderInput={(props) => <TextField {...props} label="Action" />}
      />
      <TextField
        id="filter-subject"
        select
        label="Subject"
        value={filter.subject ?? ""}
        onChange={({ target }) => set({ subject: target.value || undefined })}
      >
        <MenuItem value="">Anything</MenuItem>
        {subjects.map((one) => (
          <MenuItem key={one} value={one}>
            {subjectInWords(one)}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        id="filter-from"
        type="date"
        label="From"
        slotProps={SHRUNK}
        value={filter.from ?? ""}
        onChange={({ target }) => set({ from: target.value || undefined })}
      />
      <TextField
        id="filter-to"
        type="date"
        label="To"
        slotProps={SHRUNK}
        value={filter.to ?? ""}
        onChange={({ target }) => set({ to: target.value || undefined })}
      />
      <Button disabled={!isFiltered(filter)} onClick={() => onChange({})}>
        Clear
      </Button>
    </Box>
  );
}

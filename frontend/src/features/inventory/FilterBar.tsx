import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { TextFilter } from "~/parts/TextFilter";
import { lookOf } from "~/status";
import { useTypesOf } from "./queries";
import { PRESENCES, VERDICTS, type Wanted } from "./wanted";

type Choice = { id: string; label: string };

type Props = {
  wanted: Wanted;
  accounts: readonly Choice[];
  services: readonly Choice[];
  regions: readonly string[];
  /** Only what changed is given. */
  onChange: (change: Wanted) => void;
};

const WORDS = { present: "There now", gone: "Gone", any: "There or gone" } as const;

/** One field for each question that the inventory answers. */
export function FilterBar({ wanted, accounts, services, regions, onChange }: Props) {
  const types = useTypesOf(wanted.service).data ?? [];
  return (
    <Box
      component="search"
      sx={{
        display: "grid",
        gap: 1.5,
        mb: 2,
        gridTemplateColumns: { xs: "1fr 1fr", md: "repeat(4, 1fr)" },
      }}
    >
      <TextFilter
        type="search"
        label="Name, ARN or identity"
        value={wanted.q ?? ""}
        onChange={(q) => onChange({ q: q || undefined })}
        sx={{ gridColumn: { xs: "1 / -1", md: "span 2" } }}
      />
      <Select
        label="Account"
        value={wanted.account}
        choices={accounts}
        onChange={(account) => onChange({ account })}
      />
      <Autocomplete
        size="small"
        options={[...services]}
        value={
          wanted.service
            ? (services.find(({ id }) => id === wanted.service) ?? {
                id: wanted.service,
                label: wanted.service,
              })
            : null
        }
        isOptionEqualToValue={(a, b) => a.id === b.id}
        onChange={(_, chosen) => onChange({ service: chosen?.id, type: undefined })}
        renderInput={(props) => <TextField {...props} label="Service" />}
      />
      <Words
        label="Type"
        value={wanted.type}
        words={types}
        onChange={(type) => onChange({ type })}
      />
      <Words
        label="Region"
        value={wanted.region}
        words={regions}
        onChange={(region) => onChange({ region })}
      />
      <TextFilter
        label="State"
        value={wanted.state ?? ""}
        onChange={(state) => onChange({ state: state || undefined })}
      />
      <Select
        label="Health"
        value={wanted.verdict}
        choices={VERDICTS.map((id) => ({ id, label: lookOf(id).label }))}
        onChange={(verdict) => onChange({ verdict: verdict as Wanted["verdict"] })}
      />
      <Autocomplete
        size="small"
        multiple
        freeSolo
        autoSelect
        options={[] as string[]}
        value={wanted.tag ?? []}
        onChange={(_, tag) => onChange({ tag: tag.length > 0 ? tag : undefined })}
        sx={{ gridColumn: { md: "span 2" } }}
        renderInput={(props) => (
          <TextField {...props} label="Tags" placeholder="key or key=value" />
        )}
      />
      <TextField
        select
        label="Presence"
        value={wanted.presence ?? "present"}
        onChange={({ target }) =>
          onChange({ presence: target.value as Wanted["presence"] })
        }
      >
        {PRESENCES.map((one) => (
          <MenuItem key={one} value={one}>
            {WORDS[one]}
          </MenuItem>
        ))}
      </TextField>
    </Box>
  );
}

type SelectProps = {
  label: string;
  value: string | undefined;
  choices: readonly Choice[];
  onChange: (value: string | undefined) => void;
};

function Select({ label, value, choices, onChange }: SelectProps) {
  const isKnown = choices.some(({ id }) => id === value);
  return (
    <TextField
      select
      label={label}
      value={value ?? ""}
      onChange={({ target }) => onChange(target.value || undefined)}
    >
      <MenuItem value="">Any</MenuItem>
      {value && !isKnown ? <MenuItem value={value}>{value}</MenuItem> : null}
      {choices.map((one) => (
        <MenuItem key={one.id} value={one.id}>
          {one.label}
        </MenuItem>
      ))}
    </TextField>
  );
}

type WordsProps = {
  label: string;
  value: string | undefined;
  words: readonly string[];
  onChange: (value: string | undefined) => void;
};

/** A word of a list, or any other. */
function Words({ label, value, words, onChange }: WordsProps) {
  return (
    <Autocomplete
      size="small"
      freeSolo
      autoSelect
      options={[...words]}
      value={value ?? null}
      onChange={(_, chosen) => onChange(chosen ?? undefined)}
      renderInput={(props) => <TextField {...props} label={label} />}
    />
  );
}

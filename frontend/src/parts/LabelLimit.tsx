import Close from "@mui/icons-material/Close";
import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormHelperText from "@mui/material/FormHelperText";
import IconButton from "@mui/material/IconButton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import type { LimitLine } from "./limits";

type Props = {
  lines: readonly LimitLine[];
  onChange: (lines: LimitLine[]) => void;
  /** The labels that accounts carry now, and the values of each. */
  known: ReadonlyMap<string, readonly string[]>;
  error?: string;
  disabled?: boolean;
};

/** To which accounts something is limited: one line for each label. */
export function LabelLimit({ lines, onChange, known, error, disabled = false }: Props) {
  const change = (place: number, line: LimitLine) =>
    onChange(lines.map((one, index) => (index === place ? line : one)));
  return (
    <Box role="group" aria-label="Limit to accounts">
      <Typography sx={{ fontWeight: 550 }}>Limit to accounts</Typography>
      <Typography sx={{ color: "text.secondary", mb: 1 }}>
        {lines.length === 0
          ? "No limit: all accounts."
          : "Only accounts that carry each of these labels, with one of its values."}
      </Typography>
      {lines.map((line, place) => (
        <Box key={place} sx={{ display: "flex", gap: 1, mb: 1, alignItems: "start" }}>
          <Autocomplete
            freeSolo
            disabled={disabled}
            options={[...known.keys()]}
            inputValue={line.label}
            onInputChange={(_, label) => change(place, { ...line, label })}
            renderInput={(props) => <TextField {...props} label="Label" />}
            sx={{ flex: "2 1 0" }}
          />
          <Autocomplete
            multiple
            freeSolo
            autoSelect
            disabled={disabled}
            options={[...(known.get(line.label) ?? [])]}
            value={[...line.values]}
            onChange={(_, values) => change(place, { ...line, values })}
            renderInput={(props) => <TextField {...props} label="Values" />}
            sx={{ flex: "3 1 0" }}
          />
          <IconButton
            aria-label={`Remove the label ${line.label || place + 1}`}
            disabled={disabled}
            onClick={() => onChange(lines.filter((_, index) => index !== place))}
          >
            <Close fontSize="small" />
          </IconButton>
        </Box>
      ))}
      {error ? <FormHelperText error>{error}</FormHelperText> : null}
      <Button
        size="small"
        disabled={disabled}
        onClick={() => onChange([...lines, { label: "", values: [] }])}
      >
        Add a label
      </Button>
    </Box>
  );
}

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import FormHelperText from "@mui/material/FormHelperText";
import Typography from "@mui/material/Typography";
import type { Permission } from "~/client";
import { scopesFor, toggled } from "./scopes";

type Props = {
  own: readonly Permission[];
  chosen: readonly Permission[];
  onChange: (chosen: Permission[]) => void;
  error?: string;
};

/** What the key is for: each is off until it is chosen. */
export function ScopeFields({ own, chosen, onChange, error }: Props) {
  const offered = scopesFor(own);
  const groups = [...new Set(offered.map(({ group }) => group))];
  return (
    <Box role="group" aria-label="What it may do">
      <Typography sx={{ fontWeight: 550 }}>What it may do</Typography>
      <FormHelperText error={Boolean(error)} sx={{ mx: 0, mb: 0.5 }}>
        {error ?? "Choose as little as will do. It is never more than your role may."}
      </FormHelperText>
      {groups.map((group) => {
        const inside = offered.filter((one) => one.group === group);
        const ids = inside.map(({ id }) => id);
        const isAll = ids.every((id) => chosen.includes(id));
        return (
          <Box key={group} sx={{ mb: 1 }}>
            <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
              <Typography sx={{ color: "text.secondary", fontSize: 12 }}>
                {group}
              </Typography>
              <Button
                size="small"
                aria-label={`${isAll ? "None" : "All"} of ${group}`}
                onClick={() => onChange(toggled(chosen, ids, !isAll))}
              >
                {isAll ? "None" : "All"}
              </Button>
            </Box>
            <Box sx={{ display: "grid", gridTemplateColumns: { sm: "1fr 1fr" } }}>
              {inside.map(({ id, label }) => (
                <FormControlLabel
                  key={id}
                  label={label}
                  title={id}
                  control={
                    <Checkbox
                      size="small"
                      checked={chosen.includes(id)}
                      onChange={(_, isOn) => onChange(toggled(chosen, [id], isOn))}
                      sx={{ py: 0.5 }}
                    />
                  }
                />
              ))}
            </Box>
          </Box>
        );
      })}
    </Box>
  );
}

import Autocomplete from "@mui/material/Autocomplete";
import Box from "@mui/material/Box";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useDeferredValue, useState } from "react";
import { Controller, type UseFormReturn } from "react-hook-form";
import { type Definition, ENDS } from "./definition";
import { useNamesOf, useTasks } from "./queries";

type Props = { form: UseFormReturn<Definition>; self: string | undefined };
type One = Definition["after"][number];

const SAYS: Record<(typeof ENDS)[number], string> = {
  succeeded: "has succeeded",
  failed: "has failed",
  finished: "has ended, however",
};

/** The tasks that this one runs after, found by typing, and how each must have ended. */
export function AfterField({ form, self }: Props) {
  const [typed, setTyped] = useState("");
  const found = useTasks({ q: useDeferredValue(typed.trim()) });
  return (
    <Controller
      control={form.control}
      name="after"
      render={({ field, fieldState }) => (
        <Chosen
          value={field.value}
          onChange={field.onChange}
          onBlur={field.onBlur}
          onType={setTyped}
          found={(found.data?.items ?? []).filter(({ id }) => id !== self)}
          loading={found.isPending}
          wrong={
            found.error
              ? "The tasks could not be read; type again."
              : fieldState.error?.message
          }
        />
      )}
    />
  );
}

type ChosenProps = {
  value: readonly One[];
  onChange: (next: One[]) => void;
  onBlur: () => void;
  onType: (typed: string) => void;
  found: readonly { id: string; name: string }[];
  loading: boolean;
  wrong: string | undefined;
};

function Chosen({ value, onChange, onBlur, onType, found, loading, wrong }: ChosenProps) {
  const names = useNamesOf(value.map(({ task_id }) => task_id));
  const chosen = value.map(({ task_id: id }) => ({ id, name: names.get(id) ?? "…" }));
  const end = (id: string, on: One["on"]) =>
    onChange(value.map((one) => (one.task_id === id ? { task_id: id, on } : one)));
  return (
    <Box>
      <Autocomplete
        multiple
        disableCloseOnSelect
        loading={loading}
        options={[...found]}
        filterOptions={(all) => all} // the server has searched
        value={chosen}
        getOptionLabel={({ name }) => name}
        getOptionKey={({ id }) => id}
        isOptionEqualToValue={(a, b) => a.id === b.id}
        onBlur={onBlur}
        onInputChange={(_, typed) => onType(typed)}
        onChange={(_, next) =>
          onChange(
            next.map(
              ({ id }) =>
                value.find(({ task_id }) => task_id === id) ?? {
                  task_id: id,
                  on: "succeeded",
                },
            ),
          )
        }
        renderInput={(props) => (
          <TextField
            {...props}
            label="Runs after"
            error={Boolean(wrong)}
            helperText={wrong ?? "Beside its schedule: once all of these have ended so."}
          />
        )}
      />
      {chosen.map(({ id, name }, index) => (
        <Box
          key={id}
          sx={{
            display: "flex",
            gap: 1.5,
            alignItems: "center",
            flexWrap: "wrap",
            mt: 1,
          }}
        >
          <Box sx={{ flex: "1 1 160px", minWidth: 0, overflowWrap: "anywhere" }}>
            {name}
          </Box>
          <TextField
            select
            label={`When ${name}`}
            value={value[index]?.on ?? "succeeded"}
            onChange={(event) => end(id, event.target.value as One["on"])}
            sx={{ flex: "0 1 240px" }}
          >
            {ENDS.map((one) => (
              <MenuItem key={one} value={one}>
                {SAYS[one]}
              </MenuItem>
            ))}
          </TextField>
        </Box>
      ))}
    </Box>
  );
}

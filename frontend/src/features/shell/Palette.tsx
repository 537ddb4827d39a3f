import Box from "@mui/material/Box";
import Dialog from "@mui/material/Dialog";
import InputBase from "@mui/material/InputBase";
import List from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import { useId, useState } from "react";

export type Command = { id: string; label: string; kind: string; run: () => void };

type Props = {
  commands: readonly Command[];
  /** What is said where none matches. */
  nothing: string;
  onTyped: (typed: string) => void;
  onClose: () => void;
};

const SHOWN = 12;

/** Those that hold every word that was typed. */
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .filter(({ label, kind }) => {
      const text = `${kind} ${label}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .slice(0, SHOWN);
}

/** What is asked for by name, most likely. */
export const longestWord = (typed: string): string =>
  typed
    .split(/\s+/)
    .reduce((long, word) => (word.length > long.length ? word : long), "");

export function Palette(props: Props) {
  return (
    <Dialog
      open
      onClose={props.onClose}
      fullWidth
      maxWidth="sm"
      aria-label="Command palette"
      slotProps={{ paper: { sx: { position: "absolute", top: "10vh", m: 0 } } }}
    >
      <Choice {...props} />
    </Dialog>
  );
}

/** Begun anew each time that the palette opens. */
function Choice({ commands, nothing, onTyped, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = matching(commands, typed);
  const choose = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      setAt((at + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(found[at]);
    }
  };
  return (
    <>
      <InputBase
        autoFocus
        fullWidth
        placeholder="Go to, create, run, switch…"
        value={typed}
        onKeyDown={press}
        onChange={(event) => {
          setTyped(event.target.value);
          onTyped(event.target.value);
          setAt(0);
        }}
        inputProps={{
          role: "combobox",
          maxLength: 200,
          "aria-label": "Command",
          "aria-expanded": true,
          "aria-controls": id,
          "aria-activedescendant": found[at] ? `${id}-${at}` : undefined,
        }}
        sx={{ px: 2, py: 1.5, borderBottom: 1, borderColor: "divider" }}
      />
      <List id={id} role="listbox" aria-label="Commands" dense sx={{ py: 0.5 }}>
        {found.map((command, index) => (
          <ListItemButton
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            selected={index === at}
            tabIndex={-1}
            onClick={() => choose(command)}
          >
            <ListItemText primary={command.label} />
            <Box component="span" sx={{ color: "text.secondary", fontSize: 12 }}>
              {command.kind}
            </Box>
          </ListItemButton>
        ))}
      </List>
      {found.length === 0 ? (
        <Box role="status" sx={{ p: 2, color: "text.secondary" }}>
          {nothing}
        </Box>
      ) : null}
    </>
  );
}

import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Snackbar from "@mui/material/Snackbar";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { type Saved, saveFile } from "~/api/files";
import { troubleOf } from "~/api/problem";

export type FileFormat = "csv" | "json";

const FORMATS: readonly (readonly [FileFormat, string])[] = [
  ["csv", "CSV, for spreadsheets"],
  ["json", "JSON"],
];

type Props = {
  /** Asks for the file, as a blob. */
  ask: (format: FileFormat) => Promise<Saved>;
  /** What it holds: "these resources". */
  what: string;
};

/** All that a list shows, and what it would show further down, as a file. */
export function ExportMenu({ ask, what }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isShown, setShown] = useState(false);
  const id = useId();
  const file = useMutation({
    mutationFn: async (format: FileFormat) => saveFile(ask(format)),
    onSettled: () => setShown(true),
  });
  const choose = (format: FileFormat) => {
    setAnchor(null);
    file.mutate(format);
  };
  return (
    <>
      <Button
        variant="outlined"
        color="inherit"
        size="small"
        aria-haspopup="menu"
        aria-controls={anchor ? id : undefined}
        aria-expanded={anchor !== null}
        aria-label={`Export ${what}`}
        loading={file.isPending}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        Export
      </Button>
      <Menu
        id={id}
        anchorEl={anchor}
        open={anchor !== null}
        onClose={() => setAnchor(null)}
      >
        {FORMATS.map(([format, label]) => (
          <MenuItem key={format} dense onClick={() => choose(format)}>
            {label}
          </MenuItem>
        ))}
      </Menu>
      <Snackbar
        open={isShown && !file.isPending}
        autoHideDuration={file.error ? null : 6_000}
        onClose={() => setShown(false)}
      >
        {file.error ? (
          <Alert severity="error" variant="filled" onClose={() => setShown(false)}>
            Nothing was saved. {troubleOf(file.error).detail}
          </Alert>
        ) : (
          <Alert severity="success" variant="filled" onClose={() => setShown(false)}>
            The file is complete: {file.data}
          </Alert>
        )}
      </Snackbar>
    </>
  );
}

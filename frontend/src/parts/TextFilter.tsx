import TextField, { type TextFieldProps } from "@mui/material/TextField";
import { useEffect, useState } from "react";

const PAUSE_MS = 300;

type Props = Omit<TextFieldProps, "value" | "onChange"> & {
  value: string;
  onChange: (value: string) => void;
};

/** What is typed counts once the typing pauses, so that not each letter is a question. */
export function TextFilter({ value, onChange, ...rest }: Props) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  if (value !== told) {
    // Somebody else changed it: another link, or "Clear".
    setTold(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === told) return;
    const timer = setTimeout(() => {
      setTold(typed);
      onChange(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, told, onChange]);
  return (
    <TextField
      {...rest}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

import MoreVert from "@mui/icons-material/MoreVert";
import IconButton from "@mui/material/IconButton";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useState } from "react";

type Choice = { label: string; why: string; onChoose: () => void };

type Props = { of: string; choices: readonly Choice[] };

/** What can be done to somebody; what cannot says why. */
export function MemberMenu({ of, choices }: Props) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <IconButton
        aria-label={`What to do with ${of}`}
        aria-haspopup="menu"
        aria-expanded={Boolean(anchor)}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVert fontSize="small" />
      </IconButton>
      <Menu anchorEl={anchor} open={Boolean(anchor)} onClose={() => setAnchor(null)}>
        {choices.map(({ label, why, onChoose }) => (
          <MenuItem
            key={label}
            disabled={Boolean(why)}
            // The reason must be readable where the rest is faint.
            sx={{ width: 260, whiteSpace: "normal", "&.Mui-disabled": { opacity: 1 } }}
            onClick={() => {
              setAnchor(null);
              onChoose();
            }}
          >
            <ListItemText
              primary={label}
              secondary={why || undefined}
              slotProps={{ primary: { color: why ? "text.secondary" : undefined } }}
            />
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

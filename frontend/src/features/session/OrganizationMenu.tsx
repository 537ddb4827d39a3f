import Check from "@mui/icons-material/Check";
import UnfoldMore from "@mui/icons-material/UnfoldMore";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Divider from "@mui/material/Divider";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useState } from "react";
import { useMe } from "./queries";

type Props = { onSwitch: (organizationId: string) => void; onSignOut: () => void };

/** In which organization one is, who one is, and the way to another or out. */
export function OrganizationMenu({ onSwitch, onSignOut }: Props) {
  const me = useMe();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const close = () => setAnchor(null);
  return (
    <>
      <Button
        color="inherit"
        onClick={(event) => setAnchor(event.currentTarget)}
        aria-haspopup="menu"
        aria-expanded={Boolean(anchor)}
        endIcon={<UnfoldMore fontSize="small" />}
        sx={{ maxWidth: 240, px: 1 }}
      >
        <Box
          component="span"
          sx={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}
        >
          {me.organization.name}
        </Box>
      </Button>
      <Menu anchorEl={anchor} open={Boolean(anchor)} onClose={close}>
        {me.memberships.map(({ organization_id, name, role }) => (
          <MenuItem
            key={organization_id}
            selected={organization_id === me.organization.id}
            onClick={() => {
              close();
              if (organization_id !== me.organization.id) onSwitch(organization_id);
            }}
          >
            <ListItemIcon>
              {organization_id === me.organization.id ? <Check fontSize="small" /> : null}
            </ListItemIcon>
            <ListItemText primary={name} secondary={role} />
          </MenuItem>
        ))}
        <Divider />
        <MenuItem
          onClick={() => {
            close();
            onSignOut();
          }}
        >
          <ListItemText inset primary="Sign out" secondary={me.user.email} />
        </MenuItem>
      </Menu>
    </>
  );
}

import Check from "@mui/icons-material/Check";
import Divider from "@mui/material/Divider";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useMe } from "./queries";

type Props = {
  anchor: HTMLElement;
  onClose: () => void;
  onSwitch: (organizationId: string) => void;
  onSignOut: () => void;
};

export function OrganizationChoices({ anchor, onClose, onSwitch, onSignOut }: Props) {
  const me = useMe();
  return (
    <Menu anchorEl={anchor} open onClose={onClose}>
      {me.memberships.map(({ organization_id, name, role }) => (
        <MenuItem
          key={organization_id}
          selected={organization_id === me.organization.id}
          onClick={() => {
            onClose();
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
          onClose();
          onSignOut();
        }}
      >
        <ListItemText inset primary="Sign out" secondary={me.user.email} />
      </MenuItem>
    </Menu>
  );
}

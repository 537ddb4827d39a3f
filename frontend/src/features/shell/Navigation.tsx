import Box from "@mui/material/Box";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import { TextLink } from "~/parts/links";
import { PLACES } from "./places";

export function Navigation({ onGo }: { onGo?: () => void }) {
  return (
    <Box component="nav" aria-label="Main">
      <List dense sx={{ px: 1 }}>
        {PLACES.map(({ to, label, Icon }) => (
          <ListItem key={to} disablePadding>
            <TextLink
              to={to}
              onClick={onGo}
              activeOptions={{ exact: to === "/" }}
              underline="none"
              sx={{
                display: "flex",
                alignItems: "center",
                gap: 1.25,
                width: "100%",
                px: 1.25,
                py: 0.875,
                my: 0.125,
                borderRadius: 1,
                color: "text.secondary",
                fontWeight: 500,
                "&:hover": { bgcolor: "action.hover" },
                "&[aria-current=page]": {
                  bgcolor: "action.selected",
                  color: "text.primary",
                },
              }}
            >
              <Icon aria-hidden sx={{ fontSize: 18 }} />
              {label}
            </TextLink>
          </ListItem>
        ))}
      </List>
    </Box>
  );
}

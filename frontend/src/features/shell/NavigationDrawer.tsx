import Box from "@mui/material/Box";
import Drawer from "@mui/material/Drawer";
import { Brand } from "~/parts/Brand";
import { Navigation } from "./Navigation";

type Props = { width: number; onClose: () => void };

/** The navigation of a narrow window. */
export function NavigationDrawer({ width, onClose }: Props) {
  return (
    <Drawer open onClose={onClose}>
      <Box sx={{ width, pt: 2 }}>
        <Box sx={{ px: 2, pb: 1 }}>
          <Brand />
        </Box>
        <Navigation onGo={onClose} />
      </Box>
    </Drawer>
  );
}

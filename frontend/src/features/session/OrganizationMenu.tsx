import UnfoldMore from "@mui/icons-material/UnfoldMore";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { lazy, Suspense, useState } from "react";
import { useMe } from "./queries";

type Props = { onSwitch: (organizationId: string) => void; onSignOut: () => void };

const Choices = lazy(async () => ({
  default: (await import("./OrganizationChoices")).OrganizationChoices,
}));

/** In which organization one is, who one is, and the way to another or out. */
export function OrganizationMenu({ onSwitch, onSignOut }: Props) {
  const me = useMe();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
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
      <Suspense fallback={null}>
        {anchor ? (
          <Choices
            anchor={anchor}
            onClose={() => setAnchor(null)}
            onSwitch={onSwitch}
            onSignOut={onSignOut}
          />
        ) : null}
      </Suspense>
    </>
  );
}

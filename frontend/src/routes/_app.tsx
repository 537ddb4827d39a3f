import MenuIcon from "@mui/icons-material/Menu";
import Search from "@mui/icons-material/Search";
import Box from "@mui/material/Box";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import Tooltip from "@mui/material/Tooltip";
import { useQueryClient } from "@tanstack/react-query";
import { createFileRoute, Outlet, redirect, useNavigate } from "@tanstack/react-router";
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { follow } from "~/api/live";
import { isProofAsked, onProof } from "~/api/proof";
import { onStanding, refresh, standingOfSession } from "~/api/session";
import { OrganizationMenu } from "~/features/session/OrganizationMenu";
import { meQuery, useMe, useSignOut, useSwitch } from "~/features/session/queries";
import { LiveSign } from "~/features/shell/LiveSign";
import { Navigation } from "~/features/shell/Navigation";
import { ThemeMenu } from "~/features/shell/ThemeMenu";
import { useKeys } from "~/features/shell/useKeys";
import { Banners } from "~/parts/Banners";
import { Brand } from "~/parts/Brand";
import { doNow } from "~/parts/soon";

export const Route = createFileRoute("/_app")({
  codeSplitGroupings: [], // comes with the entry
  beforeLoad: async ({ location, context }) => {
    if (standingOfSession() !== "signed_in" && standingOfSession() !== "ended") {
      try {
        await refresh();
      } catch (error) {
        if (standingOfSession() !== "signed_out") throw error;
        const to = location.href === "/" ? undefined : location.href;
        throw redirect({ to: "/sign-in", search: { to } });
      }
    }
    await context.queries.query({ ...meQuery, staleTime: "static" });
  },
  component: Shell,
});

// None of them is needed to see how all are.
const NavigationDrawer = lazy(async () => ({
  default: (await import("~/features/shell/NavigationDrawer")).NavigationDrawer,
}));
const loadCommands = () => import("./-Commands");
const Commands = lazy(async () => ({ default: (await loadCommands()).Commands }));
const Notices = lazy(async () => ({ default: (await import("./-Notices")).Notices }));
const SoonBar = lazy(async () => ({
  default: (await import("~/parts/SoonBar")).SoonBar,
}));
const Help = lazy(async () => ({
  default: (await import("~/features/shell/Help")).Help,
}));
const EndedDialog = lazy(async () => ({
  default: (await import("~/features/session/EndedDialog")).EndedDialog,
}));
const StepUpDialog = lazy(async () => ({
  default: (await import("~/features/session/StepUpDialog")).StepUpDialog,
}));

const SIDE = 208;
const RESTED_MS = 2_000;

function Shell() {
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  const standing = useSyncExternalStore(onStanding, standingOfSession);
  const asksForProof = useSyncExternalStore(onProof, isProofAsked);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { organization } = useMe();
  const switching = useSwitch();
  const signOut = useSignOut();
  useKeys({ onPalette: openPalette, onHelp: openHelp });
  useEffect(() => {
    // Whoever presses Ctrl K types on at once. What cannot be fetched now is then.
    const timer = setTimeout(() => {
      loadCommands().catch(() => undefined);
    }, RESTED_MS);
    return () => clearTimeout(timer);
  }, []);
  // Of each organization its own stream.
  useEffect(() => follow(queries), [queries, organization.id]);
  // What is to be deleted is deleted by who asked for it, there.
  const toOrganization = async (organization_id: string) => {
    await doNow();
    switching.mutate(
      { body: { organization_id } },
      { onSuccess: () => void navigate({ to: "/", reloadDocument: true }) },
    );
  };
  const out = async () => {
    await doNow();
    signOut.mutate(undefined, { onSuccess: () => void navigate({ to: "/sign-in" }) });
  };
  return (
    <Box sx={{ display: "flex", minHeight: "100dvh" }}>
      <Link
        href="#main"
        sx={{
          position: "absolute",
          left: -9999,
          zIndex: 2000,
          p: 1,
          bgcolor: "background.paper",
          "&:focus": { left: 8, top: 8 },
        }}
      >
        Skip to the content
      </Link>
      <Box
        sx={{
          width: SIDE,
          flexShrink: 0,
          display: { xs: "none", md: "block" },
          borderRight: 1,
          borderColor: "divider",
          bgcolor: "background.paper",
        }}
      >
        <Box sx={{ position: "sticky", top: 0 }}>
          <Box sx={{ px: 2, py: 1.75 }}>
            <Brand />
          </Box>
          <Navigation />
        </Box>
      </Box>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Box
          component="header"
          sx={{
            position: "sticky",
            top: 0,
            zIndex: 10,
            display: "flex",
            alignItems: "center",
            gap: 1,
            px: { xs: 1, md: 3 },
            height: 52,
            borderBottom: 1,
            borderColor: "divider",
            bgcolor: "background.paper",
          }}
        >
          <IconButton
            aria-label="Open the navigation"
            onClick={() => setDrawerOpen(true)}
            sx={{ display: { md: "none" } }}
          >
            <MenuIcon fontSize="small" />
          </IconButton>
          <OrganizationMenu
            onSwitch={(id) => void toOrganization(id)}
            onSignOut={() => void out()}
          />
          <Box sx={{ flex: 1 }} />
          <LiveSign />
          <Tooltip title="Command palette (Ctrl K)">
            <IconButton aria-label="Command palette" onClick={openPalette}>
              <Search fontSize="small" />
            </IconButton>
          </Tooltip>
          <ThemeMenu />
        </Box>
        <Banners />
        <Box
          component="main"
          id="main"
          tabIndex={-1}
          sx={{ p: { xs: 2, md: 3 }, maxWidth: 1280, mx: "auto", outline: "none" }}
        >
          <Suspense fallback={null}>
            <Notices />
          </Suspense>
          <Outlet />
        </Box>
      </Box>
      <Suspense fallback={null}>
        {isDrawerOpen ? (
          <NavigationDrawer width={SIDE + 40} onClose={() => setDrawerOpen(false)} />
        ) : null}
        {isPaletteOpen ? (
          <Commands
            onClose={() => setPaletteOpen(false)}
            onSwitch={(id) => void toOrganization(id)}
            onHelp={openHelp}
          />
        ) : null}
        {isHelpOpen ? <Help onClose={() => setHelpOpen(false)} /> : null}
        <SoonBar />
        {asksForProof ? <StepUpDialog /> : null}
        {standing === "ended" ? <EndedDialog /> : null}
      </Suspense>
    </Box>
  );
}

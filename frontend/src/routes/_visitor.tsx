import Box from "@mui/material/Box";
import { createFileRoute, Outlet } from "@tanstack/react-router";
import { Brand } from "~/parts/Brand";

export const Route = createFileRoute("/_visitor")({ component: Visitor });

/** What can be seen without being signed in. */
function Visitor() {
  return (
    <Box
      component="main"
      sx={{
        minHeight: "100dvh",
        display: "flex",
        flexDirection: "column",
        alignItems: "center",
        px: 2,
        pt: { xs: 4, sm: "14vh" },
        pb: 4,
      }}
    >
      <Box sx={{ width: "100%", maxWidth: 380 }}>
        <Box sx={{ mb: 3 }}>
          <Brand />
        </Box>
        <Outlet />
      </Box>
    </Box>
  );
}

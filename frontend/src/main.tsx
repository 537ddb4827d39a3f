// Where the console begins.
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRouter, RouterProvider } from "@tanstack/react-router";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/inter/wght.css";
import { connectClient } from "~/api/http";
import { queryClient } from "~/api/queries";
import { NotFound } from "~/parts/NotFound";
import { PageTrouble } from "~/parts/PageTrouble";
import { routeTree } from "./routeTree.gen";
import { THEME_KEY, theme } from "./theme";

const router = createRouter({
  routeTree,
  context: { queries: queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: PageTrouble,
  defaultNotFoundComponent: NotFound,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// The policy lets in only the styles that carry this answer's nonce.
const nonce = document.querySelector<HTMLMetaElement>(
  'meta[property="csp-nonce"]',
)?.nonce;
const styles = createCache({ key: "css", prepend: true, ...(nonce ? { nonce } : {}) });
const place = document.getElementById("console");
if (!place) throw new Error("index.html has no place for the console");

connectClient();
// The code of the page one goes to comes while one asks who is signed in. Where it does not
// come, the router says so once the page's turn is there.
const [routes] = router.getMatchedRoutes(location.pathname);
for (const route of routes) router.loadRouteChunk(route)?.catch(() => undefined);
// Until there is something to say, the outline in index.html stays; what fails on the way is
// the router's to show. Drawn as a transition, the page stays quick meanwhile.
const draw = () => {
  const page = (
    <StrictMode>
      <CacheProvider value={styles}>
        <ThemeProvider
          theme={theme}
          defaultMode="system"
          modeStorageKey={THEME_KEY}
          disableTransitionOnChange={false}
        >
          <CssBaseline enableColorScheme />
          <QueryClientProvider client={queryClient}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </ThemeProvider>
      </CacheProvider>
    </StrictMode>
  );
  startTransition(() => createRoot(place).render(page));
};
void router.load().then(draw, draw);

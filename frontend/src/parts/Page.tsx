import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import { type ReactNode, useEffect, useId } from "react";

type PageProps = {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

/** A page's heading, what can be done on it, and itself. */
export function Page({ title, intro, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Cloudrota`;
  }, [title]);
  return (
    <>
      <Box
        component="header"
        sx={{ display: "flex", flexWrap: "wrap", alignItems: "start", gap: 2, mb: 2.5 }}
      >
        <Box sx={{ flex: "1 1 280px", minWidth: 0 }}>
          <Typography variant="h1" sx={{ overflowWrap: "anywhere" }}>
            {title}
          </Typography>
          {intro ? (
            <Typography component="div" sx={{ color: "text.secondary", mt: 0.5 }}>
              {intro}
            </Typography>
          ) : null}
        </Box>
        {actions ? (
          <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap" }}>{actions}</Box>
        ) : null}
      </Box>
      {children}
    </>
  );
}

type SectionProps = {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  padded?: boolean;
};

/** A part of a page with its heading. */
export function Section({ title, aside, children, padded = true }: SectionProps) {
  const id = useId();
  return (
    <Paper
      component="section"
      variant="outlined"
      aria-labelledby={id}
      sx={{ mb: 2.5, overflow: "hidden" }}
    >
      <Box
        sx={{
          display: "flex",
          alignItems: "center",
          justifyContent: "space-between",
          gap: 1,
          px: 2,
          py: 1.25,
          borderBottom: 1,
          borderColor: "divider",
        }}
      >
        <Typography variant="h2" id={id}>
          {title}
        </Typography>
        {aside}
      </Box>
      <Box sx={padded ? { p: 2 } : undefined}>{children}</Box>
    </Paper>
  );
}

// The look: quiet, dense, one accent. What a status looks like is in status.tsx.
import { createTheme } from "@mui/material/styles";

export const THEME_KEY = "cloudrota-theme";

export const theme = createTheme({
  cssVariables: { colorSchemeSelector: '[data-theme="%s"]' },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: "#2f5bd7" },
        background: { default: "#f7f8fa", paper: "#ffffff" },
        text: { primary: "#171a21", secondary: "#555d6e" },
        divider: "#e1e4ea",
        success: { main: "#13713f" },
        warning: { main: "#8f5200" },
        error: { main: "#b3261e" },
        info: { main: "#2f5bd7" },
      },
    },
    dark: {
      palette: {
        primary: { main: "#93b0ff", dark: "#b3c7ff", contrastText: "#0d1220" },
        background: { default: "#0f1218", paper: "#171b23" },
        text: { primary: "#e8ebf1", secondary: "#a3adbf" },
        divider: "#2a303c",
        success: { main: "#6fd39b" },
        warning: { main: "#f0b35c" },
        error: { main: "#ff9a92" },
        info: { main: "#93b0ff" },
      },
    },
  },
  shape: { borderRadius: 8 },
  typography: {
    fontFamily: '"Inter Variable", system-ui, sans-serif',
    fontSize: 13,
    h1: {
      fontSize: "1.5rem",
      fontWeight: 650,
      letterSpacing: "-0.015em",
      lineHeight: 1.25,
    },
    h2: { fontSize: "1rem", fontWeight: 600, lineHeight: 1.4 },
    h3: { fontSize: "0.875rem", fontWeight: 600, lineHeight: 1.4 },
    button: { textTransform: "none", fontWeight: 550 },
  },
  components: {
    MuiCssBaseline: {
      styleOverrides: {
        body: {
          fontVariantNumeric: "tabular-nums",
          fontFeatureSettings: '"cv05", "ss03"',
        },
        "*:focus-visible": {
          outline: "2px solid var(--mui-palette-primary-main)",
          outlineOffset: 2,
        },
        "@media (prefers-reduced-motion: reduce)": {
          "*": {
            animationDuration: "0.01ms !important",
            transitionDuration: "0.01ms !important",
          },
        },
      },
    },
    MuiButton: { defaultProps: { disableElevation: true } },
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiTextField: { defaultProps: { size: "small", fullWidth: true } },
    MuiTableCell: {
      styleOverrides: {
        head: {
          fontWeight: 550,
          color: "var(--mui-palette-text-secondary)",
          whiteSpace: "nowrap",
        },
      },
    },
    MuiLink: { defaultProps: { underline: "always" } },
    MuiTooltip: { defaultProps: { arrow: true, enterDelay: 300 } },
  },
});

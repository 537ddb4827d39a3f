import Dark from "@mui/icons-material/DarkModeOutlined";
import Light from "@mui/icons-material/LightModeOutlined";
import System from "@mui/icons-material/SettingsBrightnessOutlined";
import IconButton from "@mui/material/IconButton";
import { useColorScheme } from "@mui/material/styles";
import Tooltip from "@mui/material/Tooltip";

const NEXT = { system: "light", light: "dark", dark: "system" } as const;
const ICONS = { system: System, light: Light, dark: Dark };

export function ThemeMenu() {
  const { mode = "system", setMode } = useColorScheme();
  const Icon = ICONS[mode];
  const name = `Theme: ${mode}. Change to ${NEXT[mode]}`;
  return (
    <Tooltip title={name}>
      <IconButton aria-label={name} onClick={() => setMode(NEXT[mode])}>
        <Icon fontSize="small" />
      </IconButton>
    </Tooltip>
  );
}

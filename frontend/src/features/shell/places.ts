// Where one can go from anywhere: the navigation, the palette and the keys know the same.
import Accounts from "@mui/icons-material/CloudOutlined";
import Subscription from "@mui/icons-material/CreditCardOutlined";
import Dashboard from "@mui/icons-material/DashboardOutlined";
import Tasks from "@mui/icons-material/EventRepeatOutlined";
import Team from "@mui/icons-material/GroupOutlined";
import Audit from "@mui/icons-material/HistoryEduOutlined";
import Inventory from "@mui/icons-material/Inventory2Outlined";
import Keys from "@mui/icons-material/KeyOutlined";
import Notifications from "@mui/icons-material/NotificationsOutlined";
import Problems from "@mui/icons-material/ReportProblemOutlined";
import Settings from "@mui/icons-material/SettingsOutlined";
import Usage from "@mui/icons-material/SpeedOutlined";

export const PLACES = [
  { to: "/", label: "Dashboard", key: "d", Icon: Dashboard },
  { to: "/problems", label: "Problems", key: "p", Icon: Problems },
  { to: "/tasks", label: "Tasks", key: "t", Icon: Tasks },
  { to: "/accounts", label: "AWS accounts", key: "a", Icon: Accounts },
  { to: "/inventory", label: "Inventory", key: "i", Icon: Inventory },
  { to: "/notifications", label: "Notifications", key: "n", Icon: Notifications },
  { to: "/team", label: "Team", key: "m", Icon: Team },
  { to: "/api-keys", label: "API keys", key: "k", Icon: Keys },
  { to: "/audit-log", label: "Audit log", key: "l", Icon: Audit },
  { to: "/subscription", label: "Subscription", key: "s", Icon: Subscription },
  { to: "/usage", label: "Usage", key: "u", Icon: Usage },
  { to: "/settings", label: "Settings", key: "e", Icon: Settings },
] as const;

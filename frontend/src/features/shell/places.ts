// Where one can go from anywhere: the navigation, the palette and the keys know the same.
import Accounts from "@mui/icons-material/CloudOutlined";
import Dashboard from "@mui/icons-material/DashboardOutlined";
import Tasks from "@mui/icons-material/EventRepeatOutlined";
import Problems from "@mui/icons-material/ReportProblemOutlined";

export const PLACES = [
  { to: "/", label: "Dashboard", key: "d", Icon: Dashboard },
  { to: "/problems", label: "Problems", key: "p", Icon: Problems },
  { to: "/tasks", label: "Tasks", key: "t", Icon: Tasks },
  { to: "/accounts", label: "AWS accounts", key: "a", Icon: Accounts },
] as const;

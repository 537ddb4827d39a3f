// The status vocabulary: one word, one colour and one icon each, everywhere.
import Ban from "@mui/icons-material/Block";
import Check from "@mui/icons-material/CheckCircle";
import Quiet from "@mui/icons-material/DoNotDisturbOn";
import Bad from "@mui/icons-material/Error";
import Unknown from "@mui/icons-material/HelpOutlined";
import Interrupted from "@mui/icons-material/ReportProblem";
import Waiting from "@mui/icons-material/Schedule";
import Skipped from "@mui/icons-material/SkipNext";
import Moving from "@mui/icons-material/Sync";
import Eye from "@mui/icons-material/Visibility";
import Closed from "@mui/icons-material/VisibilityOff";
import type { SvgIconProps } from "@mui/material/SvgIcon";
import type { ComponentType } from "react";

export type Tone = "success" | "error" | "warning" | "info" | "quiet";
export type Look = { label: string; tone: Tone; Icon: ComponentType<SvgIconProps> };

const look = (label: string, tone: Tone, Icon: ComponentType<SvgIconProps>): Look => ({
  label,
  tone,
  Icon,
});

/** Of runs, executions and units, verdicts, credentials and problems. */
const LOOKS: Readonly<Record<string, Look>> = {
  queued: look("Queued", "quiet", Waiting),
  pending: look("Pending", "quiet", Waiting),
  running: look("Running", "info", Moving),
  succeeded: look("Succeeded", "success", Check),
  failed: look("Failed", "error", Bad),
  interrupted: look("Interrupted", "error", Interrupted),
  cancelled: look("Cancelled", "quiet", Ban),
  skipped: look("Skipped", "warning", Skipped),
  not_attempted: look("Not attempted", "quiet", Quiet),
  not_applicable: look("Not applicable", "quiet", Quiet),
  healthy: look("Healthy", "success", Check),
  degraded: look("Degraded", "warning", Interrupted),
  unhealthy: look("Unhealthy", "error", Bad),
  in_transition: look("In transition", "info", Moving),
  inactive: look("Inactive", "quiet", Quiet),
  reachable: look("Reachable", "quiet", Eye),
  unknown: look("Unknown", "warning", Unknown),
  excluded: look("Excluded", "quiet", Ban),
  no_resources: look("No resources", "quiet", Quiet),
  not_watched: look("Not watched", "quiet", Closed),
  verified: look("Verified", "success", Check),
  refused: look("Refused", "error", Ban),
  deleted: look("Deleted", "quiet", Ban),
  passed: look("Passed", "success", Check),
  open: look("Open", "error", Bad),
  acknowledged: look("Acknowledged", "warning", Eye),
  closed: look("Closed", "success", Check),
};

/** A word that is not known here is shown as it came, never as something good. */
export function lookOf(word: string): Look {
  return LOOKS[word] ?? look(word.replaceAll("_", " "), "warning", Unknown);
}

export const colorOf = (tone: Tone): string =>
  tone === "quiet" ? "text.secondary" : `${tone}.main`;

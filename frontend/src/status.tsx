// The status vocabulary: one word, one colour and one icon each, everywhere.
import Plus from "@mui/icons-material/AddCircle";
import Ban from "@mui/icons-material/Block";
import Check from "@mui/icons-material/CheckCircle";
import Quiet from "@mui/icons-material/DoNotDisturbOn";
import Bad from "@mui/icons-material/Error";
import Unknown from "@mui/icons-material/HelpOutlined";
import Info from "@mui/icons-material/Info";
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

/** Of runs, executions and units, verdicts, credentials, problems, plans, usage and
 * notifications. */
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
  added: look("New", "info", Plus),
  removed: look("Gone", "warning", Closed),
  changed: look("Changed", "info", Moving),
  gone: look("Gone", "quiet", Closed),
  verified: look("Verified", "success", Check),
  refused: look("Refused", "error", Ban),
  deleted: look("Deleted", "quiet", Ban),
  passed: look("Passed", "success", Check),
  open: look("Open", "error", Bad),
  acknowledged: look("Acknowledged", "warning", Eye),
  closed: look("Closed", "success", Check),
  unbilled: look("For nothing", "success", Check),
  none: look("No subscription", "quiet", Quiet),
  active: look("Active", "success", Check),
  trial: look("Trial", "info", Waiting),
  ending: look("Cancelled, still going on", "warning", Waiting),
  payment_incomplete: look("First payment not through", "warning", Interrupted),
  payment_failed: look("Past due", "warning", Interrupted),
  read_only: look("Read-only", "error", Bad),
  unpaid: look("Unpaid", "error", Bad),
  ended: look("Ended", "quiet", Ban),
  unlimited: look("No limit", "quiet", Check),
  within: look("Within the limit", "success", Check),
  near: look("Near the limit", "warning", Interrupted),
  reached: look("Limit reached", "error", Bad),
  delivered: look("Delivered", "success", Check),
  dead: look("Given up", "error", Ban),
  dropped: look("Not sent", "quiet", Skipped),
  disabled: look("Disabled", "quiet", Ban),
  not_confirmed: look("Not confirmed", "warning", Waiting),
  failing: look("Failing", "error", Bad),
  paused: look("Paused", "warning", Waiting),
  testing: look("Testing", "info", Moving),
  test_failed: look("Test failed", "error", Bad),
  tested: look("Tested", "success", Check),
  untested: look("Not tested", "quiet", Unknown),
  info: look("Info", "info", Info),
  warning: look("Warning", "warning", Interrupted),
  error: look("Error", "error", Bad),
  critical: look("Critical", "error", Interrupted),
};

/** A word that is not known here is shown as it came, never as something good. */
export function lookOf(word: string): Look {
  return LOOKS[word] ?? look(word.replaceAll("_", " "), "warning", Unknown);
}

export const colorOf = (tone: Tone): string =>
  tone === "quiet" ? "text.secondary" : `${tone}.main`;

/** The same in a picture, where only CSS's own words are known. */
export function fillOf(word: string): string {
  const { tone } = lookOf(word);
  return tone === "quiet"
    ? "var(--mui-palette-text-secondary)"
    : `var(--mui-palette-${tone}-main)`;
}

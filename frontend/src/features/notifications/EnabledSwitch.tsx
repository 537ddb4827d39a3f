import Switch from "@mui/material/Switch";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { WHY_NOT } from "./Guarded";
import { useEditRule, useUpdateChannel, useUpdateEndpoint } from "./queries";

type Change = { path: { id: string }; body: { enabled: boolean } };
type Changing = {
  mutate: (change: Change) => void;
  isPending: boolean;
  variables: { body: { enabled?: boolean | null } } | undefined;
  error: unknown;
};
type Of = { id: string; name: string; enabled: boolean };
type Props = { of: Of; may: boolean };

/** Shown as it will be at once; as it is again where the server does not agree. */
function Toggle({ of, may, changing }: Props & { changing: Changing }) {
  const { isPending, variables, error } = changing;
  const isOn = isPending ? Boolean(variables?.body.enabled) : of.enabled;
  const why = may ? "" : WHY_NOT;
  return (
    <Tooltip title={error ? `Not changed: ${troubleOf(error).detail}` : why}>
      <span>
        <Switch
          size="small"
          checked={isOn}
          disabled={!may}
          color={error ? "error" : "primary"}
          slotProps={{ input: { "aria-label": `${of.name} is enabled` } }}
          onChange={() =>
            changing.mutate({ path: { id: of.id }, body: { enabled: !isOn } })
          }
        />
      </span>
    </Tooltip>
  );
}

export function ChannelSwitch(props: Props) {
  return <Toggle {...props} changing={useUpdateChannel()} />;
}

export function EndpointSwitch(props: Props) {
  return <Toggle {...props} changing={useUpdateEndpoint()} />;
}

export function RuleSwitch(props: Props) {
  return <Toggle {...props} changing={useEditRule()} />;
}

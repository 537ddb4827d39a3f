import Box from "@mui/material/Box";
import type { ChannelRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { Told } from "~/parts/form";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";
import { whereOf } from "./channelWords";
import { Guarded } from "./Guarded";
import { typedLabels } from "./labels";
import { useAskForConfirmation } from "./queries";
import { StandingLine } from "./StandingLine";

type Props = { channel: ChannelRead; may: boolean };

export function ChannelFacts({ channel, may }: Props) {
  const { configuration, secret_version, secret_last4, label_scope } = channel;
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <StandingLine of={channel} />
      {channel.verified_at ? null : <Unconfirmed channel={channel} may={may} />}
      <Facts
        facts={[
          ...(secret_version === 0 || "region" in configuration
            ? [["Leads to", whereOf(channel)] as const]
            : []),
          ...(secret_version > 0
            ? [
                [
                  "Secret",
                  <span key="secret">
                    ends with {secret_last4}, stored{" "}
                    <When at={channel.secret_stored_at} />
                    {secret_version > 1 ? `, the ${secret_version}. one` : ""}
                  </span>,
                ] as const,
              ]
            : []),
          ...("address" in configuration
            ? [
                [
                  "Confirmed",
                  <When key="verified" at={channel.verified_at} none="not yet" />,
                ] as const,
              ]
            : []),
          ["Of accounts", label_scope ? typedLabels(label_scope) : "all"],
          ["Last test", <When key="tested" at={channel.tested_at} />],
          ["Added", <When key="created" at={channel.created_at} />],
        ]}
      />
    </Box>
  );
}

/** An address is told nothing until whoever reads it agrees. */
function Unconfirmed({ channel, may }: Props) {
  const ask = useAskForConfirmation();
  return (
    <Box sx={{ display: "grid", gap: 1, justifyItems: "start" }}>
      <span>
        {whereOf(channel)} was mailed a link that works once, for 30 minutes. Nothing is
        told there before it is opened.
      </span>
      {ask.error ? <TroubleAlert error={ask.error} /> : null}
      {ask.isSuccess ? (
        <Told>Another link is mailed, unless one that works is on its way.</Told>
      ) : (
        <Guarded
          may={may}
          size="small"
          variant="outlined"
          disabled={ask.isPending}
          onClick={() => ask.mutate({ path: { id: channel.id } })}
        >
          Mail another link
        </Guarded>
      )}
    </Box>
  );
}

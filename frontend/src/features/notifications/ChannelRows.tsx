import type { ChannelRead } from "~/client";
import { TextLink } from "~/parts/links";
import { whereOf } from "./channelWords";
import { ChannelSwitch } from "./EnabledSwitch";
import { Row, Rows, Under } from "./Rows";
import { StandingLine } from "./StandingLine";
import { TestButton } from "./TestButton";
import { TYPES } from "./words";

type Props = { channels: readonly ChannelRead[]; may: boolean };

export function ChannelRows({ channels, may }: Props) {
  return (
    <Rows>
      {channels.map((channel) => (
        <Row
          key={channel.id}
          lead={
            <>
              <TextLink
                underline="hover"
                to="/notifications/channels/$id"
                params={{ id: channel.id }}
                sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
              >
                {channel.name}
              </TextLink>
              <Under>
                {TYPES[channel.type]} · {whereOf(channel)}
              </Under>
            </>
          }
          middle={<StandingLine of={channel} />}
          acts={
            <>
              <TestButton kind="channel" of={channel} may={may} />
              <ChannelSwitch of={channel} may={may} />
            </>
          }
        />
      ))}
    </Rows>
  );
}

import type { ReactNode } from "react";
import { ChannelRows } from "~/features/notifications/ChannelRows";
import { EndpointRows } from "~/features/notifications/EndpointRows";
import { useChannels, useEndpoints, useRules } from "~/features/notifications/queries";
import { RuleRows } from "~/features/notifications/RuleRows";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { LinkButton } from "~/parts/links";
import { Section } from "~/parts/Page";
import { useStaying } from "~/parts/soon";

type Props = { may: boolean };

export function ChannelsTab({ may }: Props) {
  const channels = useChannels();
  const staying = useStaying(channels.data?.items);
  const add = may ? (
    <LinkButton to="/notifications/channels/new" size="small">
      Add a channel
    </LinkButton>
  ) : null;
  return (
    <Listed title="Channels" add={add}>
      <Asked query={channels} lines={5}>
        {() =>
          staying.length === 0 ? (
            <Empty
              title="Nobody is told anything"
              text="A channel is a way to tell people: a mail, a chat, an incident service."
              action={add}
            />
          ) : (
            <ChannelRows channels={staying} may={may} />
          )
        }
      </Asked>
    </Listed>
  );
}

export function RulesTab({ may }: Props) {
  const rules = useRules();
  const staying = useStaying(rules.data?.items);
  const channels = useChannels();
  const names = new Map(channels.data?.items.map(({ id, name }) => [id, name]));
  const add = may ? (
    <LinkButton to="/notifications/rules/new" size="small">
      Make a rule
    </LinkButton>
  ) : null;
  return (
    <Listed title="Rules" add={add}>
      <Asked query={rules} lines={5}>
        {() =>
          staying.length === 0 ? (
            <Empty
              title="There is no rule"
              text="A rule says what is told to which channels, and when."
              action={add}
            />
          ) : (
            <RuleRows rules={staying} channelNames={names} may={may} />
          )
        }
      </Asked>
    </Listed>
  );
}

export function EndpointsTab({ may }: Props) {
  const endpoints = useEndpoints();
  const staying = useStaying(endpoints.data?.items);
  const add = may ? (
    <LinkButton to="/notifications/endpoints/new" size="small">
      Add an endpoint
    </LinkButton>
  ) : null;
  return (
    <Listed title="Webhook endpoints" add={add}>
      <Asked query={endpoints} lines={5}>
        {() =>
          staying.length === 0 ? (
            <Empty
              title="No endpoint yet"
              text="Your own systems are sent the events themselves, as signed JSON."
              action={add}
            />
          ) : (
            <EndpointRows endpoints={staying} may={may} />
          )
        }
      </Asked>
    </Listed>
  );
}

type ListedProps = { title: string; add: ReactNode; children: ReactNode };

function Listed({ title, add, children }: ListedProps) {
  return (
    <Section title={title} padded={false} aside={add}>
      {children}
    </Section>
  );
}

import type { EndpointRead } from "~/client";
import { TextLink } from "~/parts/links";
import { EndpointSwitch } from "./EnabledSwitch";
import { Row, Rows, Under } from "./Rows";
import { StandingLine } from "./StandingLine";
import { TestButton } from "./TestButton";
import { eventOf, someOf } from "./words";

type Props = { endpoints: readonly EndpointRead[]; may: boolean };

export function EndpointRows({ endpoints, may }: Props) {
  return (
    <Rows>
      {endpoints.map((endpoint) => (
        <Row
          key={endpoint.id}
          lead={
            <>
              <TextLink
                underline="hover"
                to="/notifications/endpoints/$id"
                params={{ id: endpoint.id }}
                sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
              >
                {endpoint.name}
              </TextLink>
              <Under>{endpoint.url}</Under>
              <Under>{someOf(endpoint.events.map(eventOf))}</Under>
            </>
          }
          middle={<StandingLine of={endpoint} />}
          acts={
            <>
              <TestButton kind="endpoint" of={endpoint} may={may} />
              <EndpointSwitch of={endpoint} may={may} />
            </>
          }
        />
      ))}
    </Rows>
  );
}

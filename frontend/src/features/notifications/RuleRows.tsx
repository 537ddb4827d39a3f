import Box from "@mui/material/Box";
import type { RuleRead } from "~/client";
import { TextLink } from "~/parts/links";
import { RuleSwitch } from "./EnabledSwitch";
import { Row, Rows, Under } from "./Rows";
import { timesOf } from "./ruleWords";
import { eventOf, someOf } from "./words";

type Props = {
  rules: readonly RuleRead[];
  channelNames: ReadonlyMap<string, string>;
  may: boolean;
};

export function RuleRows({ rules, channelNames, may }: Props) {
  return (
    <Rows>
      {rules.map((rule) => (
        <Row
          key={rule.id}
          lead={
            <>
              <TextLink
                underline="hover"
                to="/notifications/rules/$id"
                params={{ id: rule.id }}
                sx={{ fontWeight: 550, overflowWrap: "anywhere" }}
              >
                {rule.name}
              </TextLink>
              <Under>{someOf(rule.events.map(eventOf))}</Under>
            </>
          }
          middle={
            <>
              {rule.channel_ids.length > 0 ? (
                <Box sx={{ overflowWrap: "anywhere" }}>
                  To{" "}
                  {someOf(
                    rule.channel_ids.map((id) => channelNames.get(id) ?? "a channel"),
                  )}
                </Box>
              ) : (
                <Box sx={{ color: "warning.main" }}>
                  It has no channel any more, and tells nobody.
                </Box>
              )}
              <Under>{timesOf(rule)}</Under>
            </>
          }
          acts={<RuleSwitch of={rule} may={may} />}
        />
      ))}
    </Rows>
  );
}

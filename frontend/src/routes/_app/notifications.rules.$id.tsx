import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { DeleteButton } from "~/features/notifications/DeleteButton";
import { RuleSwitch } from "~/features/notifications/EnabledSwitch";
import { MuteButton } from "~/features/notifications/MuteButton";
import { ruleQuery, useDeleteRule } from "~/features/notifications/queries";
import { RuleForm } from "~/features/notifications/RuleForm";
import { timesOf } from "~/features/notifications/ruleWords";
import { useMay, useZone } from "~/features/session/queries";
import { Page } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { useRuleChoices } from "./-notificationChoices";

export const Route = createFileRoute("/_app/notifications/rules/$id")({
  loader: ({ context, params }) =>
    context.queries.query({ ...ruleQuery(params.id), staleTime: "static" }),
  component: RulePage,
});

function RulePage() {
  const { id } = Route.useParams();
  const navigate = Route.useNavigate();
  const { data: rule } = useSuspenseQuery(ruleQuery(id));
  const may = useMay("notifications.edit");
  const zone = useZone();
  const { choices, trouble } = useRuleChoices();
  const deleting = useDeleteRule();
  const toRules = (ignoreBlocker: boolean) =>
    void navigate({ to: "/notifications", search: { tab: "rules" }, ignoreBlocker });
  return (
    <Page
      title={rule.name}
      intro={timesOf(rule)}
      actions={
        <>
          <RuleSwitch of={rule} may={may} />
          <MuteButton kind="rule_id" of={rule} maySee may={may} />
          <DeleteButton
            of={rule}
            what="the rule"
            means="It tells nothing more, not even the end of what it told. What was told stays on record. It can be undone for some seconds."
            may={may}
            deleting={deleting}
            onDone={() => toRules(true)}
          />
        </>
      }
    >
      {trouble ? <TroubleAlert {...trouble} /> : null}
      <RuleForm
        rule={rule}
        choices={choices}
        zone={zone}
        may={may}
        onDone={() => toRules(true)}
      />
    </Page>
  );
}

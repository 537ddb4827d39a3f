import { createFileRoute } from "@tanstack/react-router";
import { WHY_NOT } from "~/features/notifications/Guarded";
import { RuleForm } from "~/features/notifications/RuleForm";
import { useMay, useZone } from "~/features/session/queries";
import { Empty } from "~/parts/Empty";
import { Page } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { useRuleChoices } from "./-notificationChoices";

export const Route = createFileRoute("/_app/notifications/rules/new")({
  component: NewRule,
});

function NewRule() {
  const navigate = Route.useNavigate();
  const may = useMay("notifications.edit");
  const zone = useZone();
  const { choices, trouble } = useRuleChoices();
  return (
    <Page title="Make a rule" intro="What is told to whom, and when, from now on.">
      {trouble ? <TroubleAlert {...trouble} /> : null}
      {may ? (
        <RuleForm
          choices={choices}
          zone={zone}
          may={may}
          onDone={() =>
            void navigate({
              to: "/notifications",
              search: { tab: "rules" },
              ignoreBlocker: true,
            })
          }
        />
      ) : (
        <Empty title="Your role may not" text={WHY_NOT} />
      )}
    </Page>
  );
}

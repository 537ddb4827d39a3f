import Alert from "@mui/material/Alert";
import { createFileRoute } from "@tanstack/react-router";
import { useMay, useMe } from "~/features/session/queries";
import { Months } from "~/features/subscription/Months";
import { Plans } from "~/features/subscription/Plans";
import { PortalButton } from "~/features/subscription/PortalButton";
import {
  useBought,
  useMonths,
  usePlans,
  useUsage,
} from "~/features/subscription/queries";
import { Standing } from "~/features/subscription/Standing";
import { isAwaited } from "~/features/subscription/words";
import { Asked } from "~/parts/Asked";
import { LinkButton } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { oneOf, type Search } from "~/parts/search";

export const Route = createFileRoute("/_app/subscription")({
  // Stripe sends people back to here (app/services/checkout.py).
  validateSearch: (search: Search): { checkout?: "done" } => ({
    checkout: oneOf(search.checkout, ["done"]),
  }),
  component: Subscription,
});

/** The plan, how it stands, and the other plans beside it. */
function Subscription() {
  const hasPaid = Route.useSearch().checkout === "done";
  const may = useMay("billing.edit");
  const maySeeUsage = useMay("usage.read");
  const { user } = useMe();
  const subscription = useBought(hasPaid);
  const plans = usePlans();
  const usage = useUsage(maySeeUsage);
  const months = useMonths(maySeeUsage);
  const one = subscription.data;
  const why = !may
    ? "Your role may not pay: an owner or admin can."
    : user.email_verified_at
      ? ""
      : "Confirm your e-mail address first: open the link that we mailed you.";
  return (
    <Page
      title="Subscription"
      intro="Your plan, and what else there is."
      actions={
        <>
          {maySeeUsage ? (
            <LinkButton to="/usage" variant="outlined" color="inherit">
              Usage
            </LinkButton>
          ) : null}
          {one?.is_billed ? (
            <PortalButton may={may} hasCustomer={one.has_customer} />
          ) : null}
        </>
      }
    >
      {hasPaid && one ? (
        isAwaited(one.standing.state) ? (
          <Alert severity="info" variant="outlined" role="status" sx={{ mb: 2.5 }}>
            Thank you. Stripe has yet to tell us what you chose; this page shows it by
            itself, mostly within seconds.
          </Alert>
        ) : (
          <Thanks plan={one.plan_name} />
        )
      ) : null}
      <Section title="Your plan">
        <Asked query={subscription} lines={3}>
          {(found) => <Standing subscription={found} />}
        </Asked>
      </Section>
      {maySeeUsage ? (
        <Section title="Used by month">
          <Asked query={months} lines={6}>
            {({ months: found }) => (
              <Asked query={usage} lines={6}>
                {({ items }) => <Months months={found} items={items} />}
              </Asked>
            )}
          </Asked>
        </Section>
      ) : null}
      <Section title="Plans">
        <Asked query={plans} lines={10}>
          {({ items }) =>
            one ? (
              <Plans
                plans={items}
                subscription={one}
                used={usage.data?.items ?? []}
                why={why}
              />
            ) : null
          }
        </Asked>
      </Section>
    </Page>
  );
}

function Thanks({ plan }: { plan: string }) {
  return (
    <Alert severity="success" variant="outlined" role="status" sx={{ mb: 2.5 }}>
      Thank you. The plan {plan} is yours.
    </Alert>
  );
}

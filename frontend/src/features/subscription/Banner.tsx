import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import { useState } from "react";
import { LinkButton } from "~/parts/links";
import { useSubscription } from "./queries";
import { meaningOf, warningOf } from "./words";

/** On every page, while the subscription needs somebody. */
export function SubscriptionBanner() {
  const { data } = useSubscription();
  const [now] = useState(() => Date.now());
  const warning = data ? warningOf(data.standing, now) : null;
  if (!data || !warning) return null;
  return (
    <Alert
      severity={warning.severity}
      variant="outlined"
      role="status"
      sx={{ mb: 2.5 }}
      action={
        <LinkButton to="/subscription" size="small" variant="text" color="inherit">
          Subscription
        </LinkButton>
      }
    >
      <AlertTitle>{warning.title}</AlertTitle>
      {meaningOf(data)}
    </Alert>
  );
}

import Button from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { usePortal } from "./queries";

type Props = { may: boolean; hasCustomer: boolean };

/** Stripe's page with the invoices, the cards and the plan. */
export function PortalButton({ may, hasCustomer }: Props) {
  const portal = usePortal();
  const why = !may
    ? "Your role may not pay."
    : hasCustomer
      ? ""
      : "Nothing was ever bought here: there are no invoices yet.";
  return (
    <Tooltip title={portal.error ? troubleOf(portal.error).detail : why}>
      <span>
        <Button
          variant="outlined"
          color={portal.error ? "error" : "inherit"}
          disabled={Boolean(why) || portal.isPending}
          onClick={() => portal.mutate({})}
        >
          {portal.error ? "Not opened: try again" : "Invoices, cards and cancelling"}
        </Button>
      </span>
    </Tooltip>
  );
}

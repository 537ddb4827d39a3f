// What stands above every page while somebody must know it.
import { OrganizationNotices } from "~/features/organization/Notices";
import { useMe } from "~/features/session/queries";
import { SubscriptionBanner } from "~/features/subscription/Banner";

export function Notices() {
  const { organization, mfa_enabled } = useMe();
  return (
    <>
      <OrganizationNotices organization={organization} hasMfa={mfa_enabled} />
      <SubscriptionBanner />
    </>
  );
}

import type { ReactNode } from "react";
import { Facts } from "~/parts/Facts";
import { When } from "~/parts/When";
import { useMe } from "./queries";

/** Who one is here. */
export function Profile() {
  const { user, organization, role, label_scope } = useMe();
  const facts: [string, ReactNode][] = [
    ["Name", user.name],
    ["E-mail", user.email],
    [
      "Confirmed",
      user.email_verified_at ? (
        <When at={user.email_verified_at} />
      ) : (
        "Not yet: open the link that we mailed you."
      ),
    ],
    ["Here since", <When key="since" at={user.created_at} />],
    ["Role", `${role} of ${organization.name}`],
    ["Sees", label_scope ? "only the accounts that it was given" : "all accounts"],
  ];
  return <Facts facts={facts} />;
}

// Where a channel leads, without what is secret of it.
import type { ChannelRead } from "~/client";

type Led = Pick<ChannelRead, "configuration" | "secret_last4">;

export function whereOf({ configuration, secret_last4 }: Led): string {
  if ("address" in configuration) return configuration.address;
  if ("to" in configuration) return "every owner and admin";
  if ("topic_arn" in configuration) return configuration.topic_arn;
  if ("phone_number" in configuration) return configuration.phone_number;
  const region = "region" in configuration ? configuration.region : null;
  const secret = secret_last4 ? `…${secret_last4}` : "";
  return region ? `${region.toUpperCase()}, ${secret}` : secret;
}

// What is typed of a channel, in the shape that the API takes.
import { z } from "zod";
import type { ChannelInput, ChannelRead, ChannelType } from "~/client";
import { labelsOf, typedLabels, UNREADABLE } from "./labels";

export const CHANNEL_TYPES = [
  "email",
  "slack",
  "teams",
  "discord",
  "pagerduty",
  "opsgenie",
  "sns",
] as const satisfies readonly ChannelType[];

const configuration = z.object({
  type: z.enum(CHANNEL_TYPES),
  to: z.enum(["managers", "address"]),
  address: z.string().trim(),
  region: z.string().trim(),
  /** The region of PagerDuty and Opsgenie, which is none of AWS. */
  site: z.enum(["us", "eu"]),
  credentials_id: z.string(),
  sns: z.enum(["topic", "phone"]),
  topic_arn: z.string().trim(),
  phone_number: z.string().trim(),
});

const fields = z.object({
  name: z.string().trim().min(1, "Write a name.").max(120),
  configuration,
  url: z.string().trim(),
  key: z.string().trim(),
  label_scope: z.string().refine((typed) => labelsOf(typed) !== undefined, UNREADABLE),
});

export type ChannelTyped = z.infer<typeof fields>;

export const CHANNEL_FIELDS = [
  "name",
  "url",
  "key",
  "label_scope",
  "configuration.type",
  "configuration.to",
  "configuration.address",
  "configuration.region",
  "configuration.credentials_id",
  "configuration.topic_arn",
  "configuration.phone_number",
] as const;

export const secretOf = (type: ChannelType): "url" | "key" | null =>
  type === "email" || type === "sns"
    ? null
    : type === "pagerduty" || type === "opsgenie"
      ? "key"
      : "url";

/** A stored secret may stay what it is; a new channel needs one. */
export const shapeOf = (isNew: boolean) =>
  fields.superRefine(({ configuration: typed, url, key }, context) => {
    const miss = (path: string[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    const secret = secretOf(typed.type);
    if (isNew && secret === "url" && !url) miss(["url"], "Paste the webhook's URL.");
    if (isNew && secret === "key" && !key) miss(["key"], "Paste the key.");
    const at = (name: string) => ["configuration", name];
    if (typed.type === "email" && typed.to === "address" && !typed.address)
      miss(at("address"), "Write an address.");
    if (typed.type !== "sns") return;
    if (!typed.credentials_id) miss(at("credentials_id"), "Choose credentials.");
    if (typed.sns === "topic" && !typed.topic_arn)
      miss(at("topic_arn"), "Paste the topic's ARN.");
    if (typed.sns === "phone" && !typed.phone_number)
      miss(at("phone_number"), "Write a number, such as +4915112345678.");
    if (typed.sns === "phone" && !typed.region)
      miss(at("region"), "Write a region, such as eu-central-1.");
  });

export function typedChannel(channel?: ChannelRead): ChannelTyped {
  const stored = (channel?.configuration ?? {}) as Record<string, string | undefined>;
  return {
    name: channel?.name ?? "",
    url: "",
    key: "",
    label_scope: typedLabels(channel?.label_scope),
    configuration: {
      type: channel?.type ?? "email",
      to: stored.to === "managers" ? "managers" : "address",
      address: stored.address ?? "",
      region: stored.region ?? "",
      site: stored.region === "eu" ? "eu" : "us",
      credentials_id: stored.credentials_id ?? "",
      sns: stored.phone_number ? "phone" : "topic",
      topic_arn: stored.topic_arn ?? "",
      phone_number: stored.phone_number ?? "",
    },
  };
}

function configurationOf(typed: ChannelTyped["configuration"]) {
  const { type, to, address, region, credentials_id, topic_arn, phone_number } = typed;
  switch (type) {
    case "email":
      return { type, to, ...(to === "address" ? { address } : {}) };
    case "pagerduty":
    case "opsgenie":
      return { type, region: typed.site };
    case "sns":
      return typed.sns === "topic"
        ? { type, credentials_id, topic_arn }
        : { type, credentials_id, phone_number, region };
    default:
      return { type };
  }
}

/** Only the members that belong to the type; a secret only where one was typed. */
export function bodyOf(typed: ChannelTyped): ChannelInput {
  const secret = secretOf(typed.configuration.type);
  return {
    name: typed.name,
    configuration: configurationOf(typed.configuration),
    label_scope: labelsOf(typed.label_scope) ?? null,
    ...(secret && typed[secret] ? { [secret]: typed[secret] } : {}),
  };
}

import { expect, test } from "vitest";
import { bodyOf, type ChannelTyped, shapeOf, typedChannel } from "./channel";

const typed = (
  configuration: Partial<ChannelTyped["configuration"]>,
  more: Partial<ChannelTyped> = {},
): ChannelTyped => {
  const blank = typedChannel();
  return {
    ...blank,
    name: "On call",
    ...more,
    configuration: { ...blank.configuration, ...configuration },
  };
};
const wrongIn = (one: ChannelTyped, isNew = true) =>
  shapeOf(isNew)
    .safeParse(one)
    .error?.issues.map(({ path }) => path.join(".")) ?? [];

test("each type sends its own members, and the secret of its own", () => {
  const both = { url: "https://hooks.slack.com/x", key: "k".repeat(32) };
  expect(bodyOf(typed({ type: "slack" }, both))).toMatchObject({
    configuration: { type: "slack" },
    url: both.url,
  });
  expect(bodyOf(typed({ type: "slack" }, both))).not.toHaveProperty("key");
  expect(bodyOf(typed({ type: "pagerduty", site: "eu" }, both))).toMatchObject({
    configuration: { type: "pagerduty", region: "eu" },
    key: both.key,
  });
  const phone = {
    type: "sns",
    sns: "phone",
    credentials_id: "c",
    topic_arn: "t",
  } as const;
  expect(
    bodyOf(typed({ ...phone, phone_number: "+491", region: "eu-west-1" })).configuration,
  ).toEqual({
    type: "sns",
    credentials_id: "c",
    phone_number: "+491",
    region: "eu-west-1",
  });
  expect(
    bodyOf(typed({ type: "email", to: "managers", address: "left" })).configuration,
  ).toEqual({ type: "email", to: "managers" });
});

test("what a type needs is asked for beside its field", () => {
  expect(wrongIn(typed({ type: "email", to: "address" }))).toEqual([
    "configuration.address",
  ]);
  expect(wrongIn(typed({ type: "email", to: "managers" }))).toEqual([]);
  expect(wrongIn(typed({ type: "discord" }))).toEqual(["url"]);
  expect(wrongIn(typed({ type: "opsgenie" }))).toEqual(["key"]);
  expect(wrongIn(typed({ type: "sns", sns: "topic" }))).toEqual([
    "configuration.credentials_id",
    "configuration.topic_arn",
  ]);
});

test("a stored secret stays where none is typed", () => {
  const edited = typed({ type: "slack" });
  expect(wrongIn(edited, false)).toEqual([]);
  expect(bodyOf(edited)).not.toHaveProperty("url");
});

import Alert from "@mui/material/Alert";
import { type UseFormReturn, useWatch } from "react-hook-form";
import type { ChannelRead } from "~/client";
import { Field } from "~/parts/form";
import { type ChannelTyped, secretOf } from "./channel";
import { Pick } from "./Pick";
import type { Choice } from "./words";

type Props = {
  form: UseFormReturn<ChannelTyped>;
  channel: ChannelRead | undefined;
  credentials: readonly Choice[] | undefined;
};

const REGIONS = [
  { id: "us", label: "United States" },
  { id: "eu", label: "European Union" },
];
const READERS = [
  { id: "address", label: "One address" },
  { id: "managers", label: "Every owner and admin who sees all accounts" },
];
const SNS = [
  { id: "topic", label: "A topic" },
  { id: "phone", label: "A telephone" },
];
const SECRETS: Record<string, [label: string, help: string]> = {
  slack: [
    "URL of the incoming webhook",
    "https://hooks.slack.com/services/… or /workflows/…",
  ],
  teams: ["URL of the workflow", "Of a Teams workflow that posts to a channel or chat."],
  discord: ["URL of the webhook", "https://discord.com/api/webhooks/…"],
  pagerduty: ["Routing key", "Of an integration of the Events API v2."],
  opsgenie: ["API key", "One that may create alerts."],
};

/** Where it leads, in the words of its type. */
export function ChannelTarget(props: Props) {
  const { form, channel } = props;
  const type = useWatch({ control: form.control, name: "configuration.type" });
  const secret = secretOf(type);
  const [label = "", help = ""] = SECRETS[type] ?? [];
  return (
    <>
      {type === "email" ? <EmailTarget form={form} /> : null}
      {type === "sns" ? <SnsTarget {...props} /> : null}
      {secret === "key" ? (
        <Pick form={form} name="configuration.site" label="Region" choices={REGIONS} />
      ) : null}
      {secret ? (
        <Field
          form={form}
          name={secret}
          key={secret}
          label={channel ? `Another ${label}` : label}
          type="password"
          autoComplete="off"
          helperText={
            channel
              ? `Leave it empty to keep the one that ends with ${channel.secret_last4 ?? ""}.`
              : `${help} It is encrypted, and never shown again.`
          }
          slotProps={{ htmlInput: { spellCheck: false } }}
        />
      ) : null}
    </>
  );
}

function EmailTarget({ form }: { form: Props["form"] }) {
  const to = useWatch({ control: form.control, name: "configuration.to" });
  return (
    <>
      <Pick form={form} name="configuration.to" label="To" choices={READERS} />
      {to === "address" ? (
        <Field
          form={form}
          name="configuration.address"
          label="Address"
          type="email"
          helperText="It is mailed a link, and told nothing before that is opened."
        />
      ) : null}
    </>
  );
}

function SnsTarget({ form, credentials }: Props) {
  const sns = useWatch({ control: form.control, name: "configuration.sns" });
  return (
    <>
      {credentials?.length === 0 ? (
        <Alert severity="info" variant="outlined">
          There are no verified AWS credentials yet. Connect an account first.
        </Alert>
      ) : null}
      <Pick
        form={form}
        name="configuration.credentials_id"
        label="AWS credentials"
        choices={credentials ?? []}
        helperText="They publish in your name; all they need is sns:Publish."
      />
      <Pick form={form} name="configuration.sns" label="To" choices={SNS} />
      {sns === "topic" ? (
        <Field
          form={form}
          name="configuration.topic_arn"
          label="ARN of the topic"
          helperText="In the account of the credentials."
        />
      ) : (
        <>
          <Field
            form={form}
            name="configuration.phone_number"
            label="Telephone number"
            helperText="With its country, such as +4915112345678. Your account pays."
          />
          <Field
            form={form}
            name="configuration.region"
            label="Region"
            helperText="Where your account sends text messages, such as eu-central-1."
          />
        </>
      )}
    </>
  );
}

import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { AwsErrorRead } from "~/client";
import { CopyBlock, CopyIcon } from "./Copy";
import { Facts } from "./Facts";

type Props = { error: AwsErrorRead; title: string; statement: string | null };

/** What AWS said, what it means and how to put it right. */
export function ErrorPanel({ error, title, statement }: Props) {
  const facts: [string, string | null][] = [
    ["Category", error.category],
    ["Code", error.code],
    ["Call", `${error.service}:${error.operation}`],
    ["Region", error.region],
    ["Missing action", error.missing_action],
    ["Resource", error.resource],
    ["Denied by", error.deny_source],
    ["Request id", error.request_id],
  ];
  return (
    <Box sx={{ display: "grid", gap: 2 }}>
      <Box>
        <Typography variant="h3" component="p" sx={{ color: "error.main" }}>
          {title}
        </Typography>
        <Typography sx={{ mt: 0.5, overflowWrap: "anywhere" }}>{error.advice}</Typography>
      </Box>
      {statement ? <CopyBlock text={statement} what="IAM statement" /> : null}
      <Facts
        facts={facts.flatMap(([name, value]) =>
          value
            ? [
                [
                  name,
                  name === "Request id" ? (
                    <>
                      {value} <CopyIcon text={value} what="request id" />
                    </>
                  ) : (
                    value
                  ),
                ] as const,
              ]
            : [],
        )}
      />
      <Typography sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
        AWS said: {error.message}
      </Typography>
    </Box>
  );
}

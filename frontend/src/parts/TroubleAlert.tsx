import Alert from "@mui/material/Alert";
import AlertTitle from "@mui/material/AlertTitle";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { troubleOf } from "~/api/problem";
import { CopyIcon } from "./Copy";

type Props = { error: unknown; onRetry?: () => void };

/** What went wrong, in the server's words, with the way on. */
export function TroubleAlert({ error, onRetry }: Props) {
  const trouble = troubleOf(error);
  return (
    <Alert
      severity="error"
      variant="outlined"
      action={
        onRetry ? (
          <Button color="inherit" size="small" onClick={onRetry}>
            Try again
          </Button>
        ) : undefined
      }
    >
      <AlertTitle>{trouble.title}</AlertTitle>
      {trouble.detail === trouble.title ? null : trouble.detail}
      {trouble.retryAfter ? ` Wait ${trouble.retryAfter} seconds first.` : null}
      {trouble.requestId && trouble.status >= 500 ? (
        <Typography variant="caption" component="div" sx={{ mt: 0.5 }}>
          Request {trouble.requestId}{" "}
          <CopyIcon text={trouble.requestId} what="request id" />
        </Typography>
      ) : null}
    </Alert>
  );
}

import Box from "@mui/material/Box";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { troubleOf } from "~/api/problem";
import { NotFound } from "./NotFound";
import { TroubleAlert } from "./TroubleAlert";

/** A page whose data could not be had. */
export function PageTrouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (troubleOf(error).status === 404) return <NotFound />;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Box sx={{ py: 4, maxWidth: 640 }}>
      <TroubleAlert error={error} onRetry={again} />
    </Box>
  );
}

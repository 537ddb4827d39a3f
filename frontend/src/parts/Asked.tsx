import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import type { ReactNode } from "react";
import { TroubleAlert } from "./TroubleAlert";

type Props<T> = {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  /** How many lines the answer will about have, so that nothing jumps. */
  lines?: number;
  children: (data: T) => ReactNode;
};

/** A question's answer; until then its outline, and in its place what went wrong. Data that
 * could not be renewed are shown with that said, never as if they were fresh. */
export function Asked<T>({ query, lines = 3, children }: Props<T>) {
  const { data, error, refetch } = query;
  const again = () => void refetch();
  if (data === undefined) {
    if (error)
      return (
        <Box sx={{ p: 2 }}>
          <TroubleAlert error={error} onRetry={again} />
        </Box>
      );
    return (
      <Box aria-busy="true" sx={{ p: 2 }}>
        {Array.from({ length: lines }, (_, index) => (
          <Skeleton key={index} height={28} sx={{ transform: "none", mb: 1 }} />
        ))}
      </Box>
    );
  }
  return (
    <>
      {error ? (
        <Box sx={{ p: 2 }}>
          <TroubleAlert error={error} onRetry={again} />
        </Box>
      ) : null}
      {children(data)}
    </>
  );
}

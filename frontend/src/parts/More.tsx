import Box from "@mui/material/Box";
import Button from "@mui/material/Button";

type Props = {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
  };
  /** How many are shown, where that is told. */
  shown?: number;
};

/** The way to the rest of a list, under it. */
export function More({ query, shown }: Props) {
  if (shown === undefined && !query.hasNextPage) return null;
  return (
    <Box
      sx={{
        display: "flex",
        alignItems: "center",
        gap: 1.5,
        px: 2,
        py: 1,
        minHeight: 48,
        borderTop: 1,
        borderColor: "divider",
        color: "text.secondary",
      }}
    >
      {shown === undefined ? null : (
        <span>{query.hasNextPage ? `The first ${shown}` : `All ${shown}`}</span>
      )}
      {query.hasNextPage ? (
        <Button loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Box>
  );
}

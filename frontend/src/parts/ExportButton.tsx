import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import Tooltip from "@mui/material/Tooltip";
import { useMutation } from "@tanstack/react-query";
import { keepFile } from "~/api/files";
import { troubleOf } from "~/api/problem";

type Props = {
  label: string;
  /** What the file is called. */
  name: string;
  /** Asks for the file, as a blob. */
  ask: () => Promise<{ data: unknown }>;
  /** Why one may not, where one may not. */
  why?: string;
};

/** One file, as the server sends it. */
export function ExportButton({ label, name, ask, why = "" }: Props) {
  const asked = useMutation({
    mutationFn: async () => {
      const { data } = await ask();
      keepFile(data, name);
    },
  });
  return (
    <Tooltip title={asked.error ? troubleOf(asked.error).detail : why}>
      <span>
        <Button
          variant="outlined"
          color={asked.error ? "error" : "inherit"}
          disabled={why !== "" || asked.isPending}
          startIcon={
            asked.isPending ? <CircularProgress size={14} color="inherit" /> : undefined
          }
          onClick={() => asked.mutate()}
        >
          {asked.error ? "Not exported: try again" : label}
        </Button>
      </span>
    </Tooltip>
  );
}

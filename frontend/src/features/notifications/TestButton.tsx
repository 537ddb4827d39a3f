import Send from "@mui/icons-material/SendOutlined";
import Tooltip from "@mui/material/Tooltip";
import { troubleOf } from "~/api/problem";
import { Guarded } from "./Guarded";
import { type Kind, useTest } from "./queries";

type Props = {
  kind: Kind;
  of: { id: string; name: string; test_pending: boolean };
  may: boolean;
};

/** Sent in the background: what became of it is said where it stands. */
export function TestButton({ kind, of, may }: Props) {
  const test = useTest(kind);
  const isBusy = test.isPending || of.test_pending;
  const label = isBusy ? "Testing" : test.error ? "Not sent: again" : "Test";
  const said = test.error ? troubleOf(test.error).detail : "";
  return (
    <Tooltip title={said}>
      <span>
        <Guarded
          may={may}
          size="small"
          variant="outlined"
          startIcon={<Send />}
          color={test.error ? "error" : "primary"}
          disabled={isBusy}
          aria-label={`${label} ${of.name}`}
          onClick={() => test.mutate(of.id)}
        >
          {label}
        </Guarded>
      </span>
    </Tooltip>
  );
}

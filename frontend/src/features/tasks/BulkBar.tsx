import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import FormControlLabel from "@mui/material/FormControlLabel";
import { useState } from "react";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { BulkDialog } from "./BulkDialog";
import { ACTS, type Act, allThatMatch, type Named } from "./bulk";

type Props = {
  /** What this page shows. */
  shown: readonly Named[];
  selected: ReadonlyMap<string, Named>;
  filter: Parameters<typeof allThatMatch>[0];
  hasMore: boolean;
  may: { edit: boolean; run: boolean };
  onSelect: (tasks: readonly Named[]) => void;
};

/** How many are selected, on whatever page they are, and what can be done with them. */
export function BulkBar({ shown, selected, filter, hasMore, may, onSelect }: Props) {
  const [act, setAct] = useState<Act>();
  const [all, setAll] = useState<{ isCut?: boolean; error?: unknown; busy?: boolean }>(
    {},
  );
  const count = selected.size;
  const isWholePage = shown.every(({ id }) => selected.has(id));
  const here = new Set(shown.map(({ id }) => id));
  const elsewhere = [...selected.values()].filter(({ id }) => !here.has(id));
  const selectAll = async () => {
    setAll({ busy: true });
    try {
      const { tasks, isCut } = await allThatMatch(filter);
      onSelect(tasks);
      setAll({ isCut });
    } catch (error) {
      setAll({ error });
    }
  };
  const select = (tasks: readonly Named[]) => {
    setAll({});
    onSelect(tasks);
  };
  const acts = (Object.keys(ACTS) as Act[]).filter((one) =>
    one === "run" ? may.run : may.edit,
  );
  return (
    <Box sx={{ borderBottom: 1, borderColor: "divider", px: 1, py: 0.5 }}>
      <Box sx={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: 1 }}>
        <FormControlLabel
          control={
            <Checkbox
              size="small"
              checked={count > 0 && isWholePage}
              indeterminate={count > 0 && !isWholePage}
              onChange={() => select(isWholePage ? elsewhere : [...elsewhere, ...shown])}
            />
          }
          label={<span aria-live="polite">{wordsOf(count, all.isCut)}</span>}
          sx={{ ml: 0, flex: "1 1 160px" }}
        />
        {hasMore && isWholePage && count === shown.length ? (
          <Button
            size="small"
            disabled={all.busy ?? false}
            onClick={() => void selectAll()}
          >
            Select all that match
          </Button>
        ) : null}
        {count > 0
          ? acts.map((one) => (
              <Button
                key={one}
                size="small"
                color={one === "delete" ? "error" : "primary"}
                onClick={() => setAct(one)}
              >
                {ACTS[one].title}
              </Button>
            ))
          : null}
      </Box>
      {all.error ? <TroubleAlert error={all.error} /> : null}
      {act ? (
        <BulkDialog
          act={act}
          tasks={[...selected.values()]}
          onClose={(isDone) => {
            setAct(undefined);
            if (isDone) select([]);
          }}
        />
      ) : null}
    </Box>
  );
}

function wordsOf(count: number, isCut = false): string {
  if (count === 0) return "Select";
  return isCut ? `The first ${count} are selected; there are more` : `${count} selected`;
}

// Units as a matrix: a line for each service and what is looked at there, a column for
// each region.
import type { UnitRead } from "~/client";

type Line = {
  service: string;
  key: string;
  byRegion: ReadonlyMap<string, UnitRead>;
};
type Matrix = { regions: readonly string[]; lines: readonly Line[] };

// What went wrong comes first, then what is not done yet.
const ORDER = ["failed", "cancelled", "running", "pending", "not_attempted", "succeeded"];
const rank = ({ status }: UnitRead) => {
  const place = ORDER.indexOf(status);
  return place < 0 ? ORDER.length : place;
};

export function matrixOf(units: readonly UnitRead[]): Matrix {
  const lines = new Map<
    string,
    { service: string; key: string; byRegion: Map<string, UnitRead> }
  >();
  const regions = new Set<string>();
  for (const unit of units) {
    const name = `${unit.service}/${unit.key}`;
    const line = lines.get(name) ?? {
      service: unit.service,
      key: unit.key,
      byRegion: new Map(),
    };
    line.byRegion.set(unit.region, unit);
    lines.set(name, line);
    regions.add(unit.region);
  }
  const worst = (line: Line) => Math.min(...[...line.byRegion.values()].map(rank));
  return {
    regions: [...regions].sort(),
    lines: [...lines.values()].sort(
      (a, b) =>
        worst(a) - worst(b) ||
        a.service.localeCompare(b.service) ||
        a.key.localeCompare(b.key),
    ),
  };
}

// How much JavaScript and CSS a first visit loads, and each page beyond that; fails when
// one is over its budget. Sizes are those of the gzip files that are served.
import { readFileSync, statSync } from "node:fs";

const DIST = new URL("../dist", import.meta.url).pathname;
const FIRST_LOAD_KB = 250;
const ROUTE_KB = 120;

type Chunk = {
  file: string;
  isEntry?: boolean;
  isDynamicEntry?: boolean;
  imports?: string[];
  css?: string[];
};
const manifest = JSON.parse(
  readFileSync(`${DIST}/.vite/manifest.json`, "utf8"),
) as Record<string, Chunk>;

/** The files that come with a chunk, itself included. */
function filesOf(name: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (chunk && !found.has(chunk.file)) {
    found.add(chunk.file);
    for (const css of chunk.css ?? []) found.add(css);
    for (const next of chunk.imports ?? []) filesOf(next, found);
  }
  return found;
}

const kilobytes = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + statSync(`${DIST}/${file}.gz`).size, 0) / 1000;

const names = Object.keys(manifest);
const entry = names.find((name) => manifest[name]?.isEntry);
if (!entry) throw new Error("the build has no entry");
const first = filesOf(entry); // the shell and the dashboard among them
const beyondFirst = (wanted: (name: string) => boolean | undefined) =>
  names
    .filter(wanted)
    .map((name) => {
      const own = [...filesOf(name)].filter((file) => !first.has(file));
      return { name: name.replace(/\?.*/, ""), size: kilobytes(own) };
    })
    .sort((a, b) => b.size - a.size);
const isRoute = (name: string) => name.includes("?tsr-split=component");
const routes = beyondFirst(isRoute);
// What comes later, where it is wanted: the charts above all.
const [late = { name: "none", size: 0 }] = beyondFirst(
  (name) => manifest[name]?.isDynamicEntry && !name.includes("?tsr-split="),
);
const largest = routes[0] ?? { name: "none", size: 0 };
const firstSize = kilobytes(first);
console.log(
  JSON.stringify({
    first_load_kb: Math.round(firstSize),
    largest_route_kb: Math.round(largest.size),
    largest_route: largest.name,
    routes: routes.length,
    largest_late_kb: Math.round(late.size),
    largest_late: late.name,
  }),
);
const most = Math.max(largest.size, late.size);
if (routes.length === 0 || firstSize > FIRST_LOAD_KB || most > ROUTE_KB) {
  console.log(
    `at most ${FIRST_LOAD_KB} kB first, and ${ROUTE_KB} kB for each page and each late part`,
  );
  process.exit(1);
}

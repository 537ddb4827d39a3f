// Every optional dependency must be in the lock: npm leaves out a platform's binary that it
// could not see, and `npm ci` fails on that platform. And the lock names no registry.
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
type Package = { optionalDependencies?: Record<string, string>; resolved?: string };
const { packages } = JSON.parse(text) as { packages: Record<string, Package> };
const locked = new Set(
  Object.keys(packages).map((path) => path.replace(/.*node_modules\//, "")),
);
const missing = Object.values(packages)
  .flatMap((one) => Object.keys(one.optionalDependencies ?? {}))
  .filter((name) => !locked.has(name));
const named = Object.values(packages).filter((one) => one.resolved?.includes("://"));
if (missing.length > 0 || named.length > 0) {
  console.log(`package-lock.json lacks ${missing.join(", ") || "nothing"}`);
  console.log(`package-lock.json names a registry for ${named.length} packages`);
  process.exit(1);
}

// Writes src/client from the API's own document. The client is not committed: it is made
// in seconds, and so it is never older than docs/openapi.json.
import { readFileSync } from "node:fs";
import { defineConfig } from "@hey-api/openapi-ts";

type Operation = { operationId: string };
type Document = { paths: Record<string, Record<string, Operation>> };

/** What is only written is written by us: the generator would leave it out. */
function withoutWriteOnly(_name: string, value: unknown): unknown {
  if (value && typeof value === "object" && "writeOnly" in value) {
    return { ...value, writeOnly: undefined };
  }
  return value;
}

const document = JSON.parse(
  readFileSync("../docs/openapi.json", "utf8"),
  withoutWriteOnly,
) as Document;
const names = new Set<string>();
for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    // list_tasks_api_v1_tasks_get: the function's name is enough, with the noun where two
    // have the same name.
    const behind = `${path}_${method}`.replace(/\W/g, "_");
    const noun = path.split("/")[3] ?? "";
    const name = operation.operationId.slice(0, -behind.length);
    operation.operationId = names.has(name)
      ? `${name}_of_${noun.replace("-", "_")}`
      : name;
    if (names.has(operation.operationId)) {
      throw new Error(`two operations are called ${operation.operationId}`);
    }
    names.add(operation.operationId);
  }
}

export default defineConfig({
  input: document as never,
  output: { path: "src/client", postProcess: [] },
  plugins: [
    { name: "@hey-api/client-axios", throwOnError: true, baseUrl: false },
    { name: "@hey-api/typescript", enums: false },
    "@hey-api/sdk",
    { name: "@tanstack/react-query", queryOptions: true, mutationOptions: true },
  ],
});

// Beside each file of the build its gzip and brotli, so that the server only picks one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist", import.meta.url).pathname;
const COMPRESSIBLE = /\.(js|css|svg|json)$/;

for (const name of readdirSync(DIST, { recursive: true, encoding: "utf8" })) {
  if (COMPRESSIBLE.test(name)) {
    const path = join(DIST, name);
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, options));
  }
}

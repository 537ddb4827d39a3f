import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const API = process.env.CLOUDROTA_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double" }),
    react(),
  ],
  resolve: { alias: { "~": new URL("./src", import.meta.url).pathname } },
  // The API process puts another one into each index.html that it sends.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    target: "es2022",
    manifest: true,
    // Inlined files would need data: in the policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    // What every visit needs comes as two files instead of forty; that of others stays in
    // a browser's cache when ours changes.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "libraries", tags: ["$initial"], test: /node_modules/, priority: 1 },
            { name: "initial", tags: ["$initial"] },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api/": { target: API, changeOrigin: false } } },
  test: {
    // A test of a component asks for jsdom itself.
    environment: "node",
    isolate: false,
    include: ["src/**/*.test.{ts,tsx}"],
    pool: "threads",
    testTimeout: 20_000,
  },
});

// Started by `make e2e`, which brings the servers and says where they are.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  outputDir: ".results/output",
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 20_000 },
  reporter: [["line"], ["json", { outputFile: ".results/report.json" }]],
  use: {
    baseURL: process.env.CONSOLE_URL,
    actionTimeout: 30_000,
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});

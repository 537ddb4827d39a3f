// What Lighthouse says of the two pages of every morning, on a desktop. How accessible they
// are is held to; how fast they are is told with the outcome.
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { chromium, expect, test } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { enter } from "./people";

const PAGES = { dashboard: "/", tasks: "/tasks" };
const LEAST = 95;
const scores: Record<string, number> = {};

test.afterAll(() => {
  writeFileSync(".results/lighthouse.json", JSON.stringify(scores));
});

/** Lighthouse comes in by a port of its own, into the one context that such a browser has. */
test("the dashboard and the tasks are open to everybody", async ({
  baseURL,
  launchOptions,
}) => {
  const port = await freePort();
  const profile = test.info().outputPath("profile");
  const browser = await chromium.launchPersistentContext(profile, {
    ...launchOptions,
    baseURL,
    args: [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`],
  });
  try {
    await enter(await browser.newPage());
    for (const [name, path] of Object.entries(PAGES)) {
      const told = await lighthouse(
        `${baseURL}${path}`,
        {
          port,
          logLevel: "error",
          onlyCategories: ["performance", "accessibility"],
        },
        desktopConfig,
      );
      expect(told?.lhr.finalDisplayedUrl).toBe(`${baseURL}${path}`);
      for (const { id, score } of Object.values(told?.lhr.categories ?? {}))
        scores[`${name}_${id}`] = Math.round((score ?? 0) * 100);
      writeFileSync(`.results/lighthouse-${name}.json`, JSON.stringify(told?.lhr));
    }
  } finally {
    await browser.close();
  }
  expect(Object.keys(scores)).toHaveLength(4);
  for (const name of Object.keys(PAGES))
    expect(scores[`${name}_accessibility`], name).toBeGreaterThanOrEqual(LEAST);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listens) => {
    probe.listen(0, "127.0.0.1", listens);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

// What is asked of every page, whatever it shows.
import { appendFileSync, mkdirSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const RESULTS = ".results";
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** Note whatever the policy refuses, and whatever the console says is wrong. */
export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    const text = message.text();
    // A 401 is how the console learns that nobody is signed in.
    const isAnswer = text.startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) complaints.push(text);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}

/** The page as a picture in light and dark, wide and narrow, and judged by axe in each. */
export async function judge(page: Page, name: string): Promise<string[]> {
  mkdirSync(`${RESULTS}/pages`, { recursive: true });
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const size of SIZES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(size);
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
      await settled(page);
      const place = `${name}-${colorScheme}-${size.width}`;
      await page.screenshot({ path: `${RESULTS}/pages/${place}.png`, fullPage: true });
      found.push(...(await violationsOf(page, place)));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > size.width) found.push(`${place}: scrolls sideways, ${wide} px wide`);
    }
  }
  const lines = found.map((one) => `${one.replaceAll("\n", " ")}\n`).join("");
  appendFileSync(`${RESULTS}/violations.txt`, lines);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
  return found;
}

/** Until nothing moves any more. */
async function settled(page: Page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const moving = document.getAnimations().filter((one) => {
      const { iterations } = one.effect?.getTiming() ?? {};
      return iterations !== Number.POSITIVE_INFINITY;
    });
    await Promise.allSettled(moving.map((one) => one.finished));
  });
}

async function violationsOf(page: Page, place: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) =>
        `${place}: ${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`,
    ),
  );
}

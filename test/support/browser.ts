import { type Browser, chromium } from "playwright-core";
import { findOnPath } from "../../scripts/pulumi.mjs";

const NAMES = ["chromium", "google-chrome", "google-chrome-stable"];

/**
 * The Chromium of this machine, such as Debian's package `chromium`. Tests that need one are skipped where there is none:
 *
 *     const why = findChromium() ? "" : " (skipped: no Chromium on PATH)";
 *     describe.skipIf(!findChromium())(`the page${why}`, () => { … });
 */
export function findChromium(): string | undefined {
  return NAMES.map(findOnPath).find((path) => path !== undefined);
}

/** Starts Chromium without a window. The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) {
    throw new Error(`None of ${NAMES.join(", ")} is on PATH`);
  }
  return chromium.launch({ executablePath });
}

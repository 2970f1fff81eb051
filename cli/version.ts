import { readFileSync } from "node:fs";

/** The version of this package. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(require.resolve("pulumi-otc-cts/package.json"), "utf8"));
  return (manifest as { version: string }).version;
}

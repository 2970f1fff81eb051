import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locatePulumi } from "../../scripts/pulumi.mjs";
import { blocksOf } from "../support/markdown";
import { endOf, spawnCommand } from "../support/processes";
import { installInto, linkInto, makeBox, packInto } from "../support/tarball";

const PATH = join("docs", "guides", "testing.md");

describe("docs/guides/testing.md", () => {
  const box = makeBox("testing-guide");
  beforeAll(() => {
    installInto(join(box, "node_modules"), packInto(box));
    linkInto(join(box, "node_modules"), "vitest");
  });
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  it("has tests that pass in a folder with the packed package", { timeout: 300_000 }, async () => {
    for (const { code } of blocksOf({ path: PATH, text: readFileSync(PATH, "utf8") })) {
      const [, name] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
      if (name) {
        writeFileSync(join(box, name), code);
      }
    }
    const pulumi = await locatePulumi();
    const env = { PATH: `${pulumi?.bin}:${process.env["PATH"]}` };

    const run = await endOf(
      spawnCommand(process.execPath, ["node_modules/vitest/vitest.mjs", "run"], box, env),
    );

    expect(run.output).toMatch(/Tests\s.*3 passed/);
    expect(run).toMatchObject({ code: 0 });
  });
});

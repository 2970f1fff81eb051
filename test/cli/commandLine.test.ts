import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine } from "../../cli/commandLine";
import { visible } from "../../client/visible";

let box = "";
beforeAll(() => {
  box = realpathSync(mkdtempSync(join(tmpdir(), "command line's-")));
  mkdirSync(join(box, "bin"));
  // Stands for npx and node: says where it runs, and each of its words.
  for (const name of ["npx", "node"]) {
    writeFileSync(join(box, "bin", name), '#!/bin/sh\nprintf "%s\\0" "$PWD" "$@"\n');
    chmodSync(join(box, "bin", name), 0o755);
  }
});
afterAll(() => rmSync(box, { recursive: true, force: true }));

/** The folder and the words that a shell makes of a line. */
function pasted(line: string | undefined): string[] {
  const env = { PATH: `${join(box, "bin")}:${process.env["PATH"]}` };
  const said = execFileSync("/bin/sh", ["-c", line ?? "exit 1"], { encoding: "utf8", env });
  return said.split("\0").slice(0, -1);
}

describe("commandLine", () => {
  it("means the same words to a shell, in the folder that it names", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme-ascii" }), { minLength: 100 }), (words) => {
        const [folder, , ...got] = pasted(commandLine(words, box, "/"));

        expect([folder, ...got]).toEqual([box, ...words]);
      }),
      { numRuns: 5 },
    );
    for (const word of ["", "-x", "~", "$(touch x)", "a\\", "it's", "*", "#", "!", "a b", "x\ny"]) {
      const line = commandLine([word], box, "/");

      // A terminal does not show a line break as it is.
      expect(line === undefined ? undefined : pasted(line).slice(2)).toEqual(
        visible(word) === word ? [word] : undefined,
      );
    }
  });

  it("says npx only where npx finds this package", () => {
    mkdirSync(join(box, "project", "node_modules", ".bin"), { recursive: true });
    mkdirSync(join(box, "project", "program"));
    writeFileSync(join(box, "project", "node_modules", ".bin", "otc-cts"), "");

    const start = (folder: string) => commandLine([], folder)?.split(" ")[0];
    expect([box, join(box, "project"), join(box, "project", "program")].map(start)).toEqual([
      ...["node", "npx", "npx"],
    ]);
  });
});

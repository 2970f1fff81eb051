/**
 * Measures what docs/benchmarks.md says, on the real engine against the emulator, and writes the figures there. Times
 * differ from machine to machine and minute to minute, so they are taken in pairs, in turn, and given as ratios.
 *
 * Run by `npm run bench`. `npm run bench -- one 21` runs one of them, with 21 pairs; a third word names another page.
 */
import { join } from "node:path";
import { benchDrift } from "./drift";
import { benchMany } from "./many";
import { benchOne } from "./one";
import { openSection } from "./page";
import { benchSpreads } from "./spreads";
import type { Say } from "./timing";
import { benchTraces } from "./traces";

const PAGE = join(__dirname, "..", "docs", "benchmarks.md");

/** Each with its usual number of pairs. */
const BENCHES: Record<string, { run: (pairs: number, say: Say) => Promise<void>; pairs: number }> = {
  one: { run: benchOne, pairs: 11 },
  many: { run: benchMany, pairs: 5 },
  traces: { run: benchTraces, pairs: 5 },
  spreads: { run: benchSpreads, pairs: 5 },
  drift: { run: benchDrift, pairs: 5 },
};

async function main([name, pairs, page = PAGE]: string[]): Promise<void> {
  const chosen = name === undefined ? Object.keys(BENCHES) : [name];
  for (const each of chosen) {
    const bench = BENCHES[each];
    if (!bench) {
      throw new Error(`There is no benchmark "${each}", only ${Object.keys(BENCHES).join(", ")}`);
    }
    const write = openSection(page, each);
    const count = Number(pairs ?? bench.pairs);
    const date = new Date().toISOString().slice(0, 10);
    let text = "";
    const say: Say = (line) => {
      console.log(line);
      text += `${line}\n`;
    };
    console.log(`## ${each}\n`);
    say(`${date}, Node ${process.versions.node}, \`npm run bench -- ${each} ${count}\`\n`);
    await bench.run(count, say);
    write(text);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

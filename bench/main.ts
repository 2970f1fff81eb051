/**
 * Measures what the README says, on the real engine against the emulator. Times differ from machine to machine and
 * minute to minute, so they are taken in pairs, in turn, and given as ratios.
 *
 * Run by `npm run bench`; `npm run bench -- one 21` runs one of them, with 21 pairs.
 */
import { benchMany } from "./many";
import { benchOne } from "./one";
import { benchSpreads } from "./spreads";
import { benchTraces } from "./traces";

/** Each with its usual number of pairs. */
const BENCHES: Record<string, { run: (pairs: number) => Promise<void>; pairs: number }> = {
  one: { run: benchOne, pairs: 11 },
  many: { run: benchMany, pairs: 5 },
  traces: { run: benchTraces, pairs: 5 },
  spreads: { run: benchSpreads, pairs: 5 },
};

async function main([name, pairs]: string[]): Promise<void> {
  const chosen = name === undefined ? Object.keys(BENCHES) : [name];
  for (const each of chosen) {
    const bench = BENCHES[each];
    if (!bench) {
      throw new Error(`There is no benchmark "${each}", only ${Object.keys(BENCHES).join(", ")}`);
    }
    console.log(`## ${each}\n`);
    await bench.run(Number(pairs ?? bench.pairs));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

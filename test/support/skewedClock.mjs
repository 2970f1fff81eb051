/**
 * Loaded into a process by `--import`: its clock is `CLOCK_AHEAD_MS` ahead, and by each SIGUSR2 it is set `CLOCK_JUMP_MS`
 * further ahead.
 */
const trueNow = Date.now;
let aheadMs = Number(process.env["CLOCK_AHEAD_MS"] ?? 0);
process.on("SIGUSR2", () => {
  aheadMs += Number(process.env["CLOCK_JUMP_MS"]);
});

globalThis.Date = class extends Date {
  static now() {
    return trueNow() + aheadMs;
  }

  constructor(...args) {
    super(...(args.length > 0 ? args : [trueNow() + aheadMs]));
  }
};

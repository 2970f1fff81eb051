import { describe, expect, it, vi } from "vitest";
import { progressLine, ReadProgress } from "../../../cli/traces/progress";

const time = Date.UTC(2026, 10, 20, 10, 3);

describe("progressLine", () => {
  it("says how far back it has come", () => {
    const line = progressLine({ done: 0.4, count: 12_345, time }, 100);

    expect(line).toBe("[############------------------]   40 %  back to 2026-11-20 10:03Z, 12345 traces");
  });

  it("never takes more columns than there are", () => {
    for (let width = 0; width < 100; width++) {
      expect(progressLine({ done: 2, count: 1e6, time }, width).length).toBeLessThanOrEqual(width);
    }
  });
});

describe("ReadProgress", () => {
  function shown() {
    const written: string[] = [];
    let now = 0;
    const stream = { columns: 80, write: (text: string) => written.push(text) };
    const progress = new ReadProgress({ from: time - 100, to: time }, { stream, now: () => now });
    const drawAt = (ms: number) => {
      now = ms;
      progress.draw();
    };
    return { progress, written, drawAt };
  }

  it("appears after a second of silence, and shows what was read last", () => {
    const { progress, written, drawAt } = shown();
    progress.note(time - 50);

    drawAt(999);
    expect(written).toEqual([]);
    drawAt(1000);

    expect(written).toEqual([expect.stringMatching(/\[#+-+\] {3}50 % .* 1 trace$/)]);
    progress.stop();
  });

  it("makes room for something else, and comes back after another second", () => {
    const { progress, written, drawAt } = shown();
    drawAt(1000);
    progress.hide();
    drawAt(1999);

    expect(written.slice(1)).toEqual(["\r\x1b[K"]);
    drawAt(2000);
    expect(written).toHaveLength(3);
    progress.stop();
  });

  it("is gone when the process ends by a signal, as it does without it", () => {
    const { written, drawAt } = shown();
    drawAt(1000);
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);

    process.listeners("SIGINT").at(-1)?.("SIGINT");

    expect(written.at(-1)).toBe("\r\x1b[K");
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGINT");
    kill.mockRestore();
  });

  it("leaves nothing behind: neither on the terminal nor with the process", () => {
    const before = process.listenerCount("SIGINT");
    const { progress, written, drawAt } = shown();
    drawAt(1000);
    expect(process.listenerCount("SIGINT")).toBe(before + 1);

    progress.stop();

    expect(written.at(-1)).toBe("\r\x1b[K");
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});

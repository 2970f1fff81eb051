import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Writer } from "../../cli/writer";

function collecting(pieces: string[]): Writable {
  return new Writable({
    write(chunk, _, done) {
      pieces.push(String(chunk));
      done();
    },
  });
}

describe("Writer", () => {
  it("writes all, in few pieces, as soon as there is no more", async () => {
    const pieces: string[] = [];
    const writer = new Writer(collecting(pieces));

    for (const line of ["a", "b", "c"]) {
      writer.write(line);
    }
    expect(pieces).toEqual([]);
    await new Promise(setImmediate);

    expect(pieces).toEqual(["abc"]);
  });

  it("waits for a slow reader", async () => {
    let takeOne = () => {};
    const stream = new Writable({
      write(_chunk, _, done) {
        takeOne = done;
      },
    });
    const writer = new Writer(stream);
    let isReady = false;

    const room = writer.write("x".repeat(100_000));
    room?.then(() => {
      isReady = true;
    });
    await new Promise(setImmediate);
    expect(isReady).toBe(false);
    takeOne();
    await room;

    expect(isReady).toBe(true);
    expect(stream.writableLength).toBe(0);
  });

  it("flushes what it still has, and calls before it writes", async () => {
    const happened: string[] = [];
    const writer = new Writer(collecting(happened), () => happened.push("before"));

    writer.write("a");
    await writer.flush();

    expect(happened).toEqual(["before", "a"]);
  });
});

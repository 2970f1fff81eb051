/**
 * When 2,900 events of a real cloud account happened within an hour, from the first on: seconds since the one before, and
 * how many there were within that second. Times only, of the public data set invictus-ir/aws_dataset.
 */
const STEPS =
  "0 5x2 1x2 2x4 3x4 1 1x3 3 1x2 1x2 2x3 6x33 14 1x3 8x3 1 3x4 5x2 1 1 14 1x2 1 1x2 244x2 301x2 113 5x2 " +
  "1x3 1 1x3 1 2 3x7 1x9 1x9 1x7 11 5x3 1 1x7 1x3 1x7 1x5 1x5 1x12 1x8 1x8 1x3 1 1 1 2 1x2 1x2 1x3 6 1 " +
  "1x2 1x2 1x2 1x2 5 11 10 11 10 11 10 1 1x2 1x2 1 1 1 1 1 2 1 1 1 1 1 1 1 1 2 1 1 1 1 1 1 1 1 1 2 1 " +
  "1x5 5 1x2 19x3 4x4 1 1x21 1x27 1x33 1x60 1x3 1x18 1x16 1x4 9 5 1 1x45 1x35 1x30 1x24 1x18 1x12 1x28 " +
  "1x21 1x15 1x14 1x25 1x8 1 2 1x4 1 1x36 1x16 9 10 15x2 22 27 5x2 1x2 1x2 1 1x3 1x2 1x3 1x2 1 1x4 1x2 " +
  "1x2 1 10 4 1x2 1x2 1 1x3 1x2 1x3 1x2 1x2 1x3 1x2 1x3 2 6 1 40 1 4x2 19 4 1x2 1x2 1x2 1x3 1 1 3 2 3x2 " +
  "1 10 4x2 1x5 1x6 1x4 1x2 1x2 1x2 1 10 4 1x2 1x4 1x2 1x2 1 1 3 5x2 1x6 1x5 1x4 7 5 1x2 1x5 1x4 1x8 " +
  "1x4 1x2 1x10 1x8 1x10 1x4 1x2 1x2 2 1 1x2 1x2 7 1 1x2 1x2 1x2 1x2 6 10 11 5x3 5 11 10 11 10 11x2 1 " +
  "1x2 1 1 3 1 15x2 23x3 29 7x2 1x2 1x9 1x10 1x8 1x19 1x4 1 1 3x2 1 19 5 1 1 3 1 1x2 1x3 1x3 1x2 1x5 1 " +
  "2x4 1x4 1x2 1x4 1x4 1x2 7 7 4x2 6x3 5x4 1x47 1x71 1x110 1x60 1x54 1x24 1x34 1x47 1x18 1x22 1x22 1x17 " +
  "1x13 1x6 1x5 1x5 1 1x22 1x9 1x13 1x3 1x12 1x4 1x9 1x10 1x6 1x4 1x5 1 1x2 1 1x9 1x5 9 1x4 1x5 1x4 8 " +
  "1x2 10 1 9x3 1x2 3 7 1x3 1x9 1x10 1x6 1x21 1x4 1 1 3x2 1 19 4 1 1x2 1x2 1x2 1x2 1x2 1x2 1x2 1 1x2 1 " +
  "1x2 2 11 4x2 1 1 10 1x2 1 15 1x2 1 5 1 1 8 4 1x2 1 10 1 1x3 1 11 6x2 1 1 2x2 8x4 2x2 1x16 1x24 1x19 " +
  "1x16 1x14 1x28 1x18 2x2 2x2 1 1 2x2 30x2 36x3 1x11 1x3 2 2x2 1x16 2x2 1x6 2x21 65x3 1x4 1x2 1x2 1x2 " +
  "1 1 2x5 2x5 5 2x2 1 1x2 1x3 1x2 1x2 1x5 1x8 1x4 1x5 1 2 30 11 10 2x3 9 6x4 1x2 3 11 10 11 10 11 10 " +
  "11 10 4x2 7 10 11 10 6x2 5 6 4 11 10 11 10 11x3 1 30 11 10 11 10 11 10 10 11 10 11 10 1x2 1 22 5x2 " +
  "1x2 1 1x3 1x2 1x3 1x2 1x2 1 6x2 11 6x2 1x3 1 9 15x2 32 4 1x2 1 1x2 1x2 1 11 4 1 1x2 1 20x3 1 8 4 1x3 " +
  "1 1 13 5 1x4 1x3 1x3 1x3 1x2 1x3 1 1 1 1 5x2 1x2 1 49 7 1x7 1x8 1x6 1 1 1 2 5x3 5x4 2 8 6 1x5 2x4 5 " +
  "13 12 2x3 1 1x5 1x2 1x2 1x3 4x16 1x3 3x12 10x9 8 2x2 1x12 1x3 1x2 3x17 1x3 1x14 1x8 1x21 1x6 1x19 " +
  "1x19 1x22 1x39 1x51 1x26 1x11 1x10 1x18 1x17 1x7 1 2x9 1x2 2 1x3 1x5 3x3 1x2 2 15x2 5 3x2 1x5 1x3 1 " +
  "23 1x2 1x2 1x3 2x33 132x2 1 48x2 117 184";

/** Seconds since the first event, ascending. */
export const RECORDED_HOUR: readonly number[] = parseSteps();

function parseSteps(): number[] {
  let second = 0;
  return STEPS.split(" ").flatMap((step) => {
    const [gap, count = 1] = step.split("x").map(Number);
    second += gap ?? 0;
    return new Array<number>(count).fill(second);
  });
}

/** From a table, as `toString(16)` with `padStart` takes five times as long. */
const HEX_BYTES = Array.from({ length: 0x100 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Eight hexadecimal digits: the low 32 bits of a number. */
export function hex8(value: number): string {
  return hex4(value >>> 16) + hex4(value);
}

/** Four hexadecimal digits: the low 16 bits of a number. */
export function hex4(value: number): string {
  return `${HEX_BYTES[(value >>> 8) & 0xff]}${HEX_BYTES[value & 0xff]}`;
}

/** What a trace id is made of. */
export interface TraceIdParts {
  /** Milliseconds since 1970, 0 or more. */
  time: number;
  /** 13 bits that tell the traces of one place from those of others. */
  place: number;
  /** Whether the trace is made up; the others are numbered separately. */
  isSynthetic: boolean;
  /** 32 bits, unique in the place. */
  number: number;
}

/** From 15 October 1582, where the time of such a UUID begins, to 1970. */
const uuidEpochMs = 12_219_292_800_000;

/**
 * The UUID of version 1 that the service would give a trace: it begins with the time. Its last eight digits are the
 * number, so that whoever made a million traces up can find one by its id without having kept any.
 */
export function traceIdOf({ time, place, isSynthetic, number }: TraceIdParts): string {
  // The time counts tenths of a microsecond: too many for the digits of a number, so it is taken in two parts.
  const ms = time + uuidEpochMs;
  const high = Math.floor(ms / 0x10000) * 10_000;
  const low = (high % 0x10000) * 0x10000 + (ms % 0x10000) * 10_000;
  const upper = Math.floor(high / 0x10000) + Math.floor(low / 0x100000000);
  const sequence = 0x8000 + (isSynthetic ? 0x2000 : 0) + (place & 0x1fff);
  return [
    hex(low % 0x100000000, 8),
    hex(upper % 0x10000, 4),
    `1${hex(Math.floor(upper / 0x10000) % 0x1000, 3)}`,
    hex(sequence, 4),
    `fa16${hex(number, 8)}`,
  ].join("-");
}

/** The number in an id; `NaN` where there is none. */
export function numberInTraceId(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

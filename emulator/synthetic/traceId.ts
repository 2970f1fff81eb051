import { hex4, hex8 } from "./hex";

/** The parts of a trace id. */
export interface TraceIdParts {
  /** Milliseconds since 1970, 0 or more. */
  time: number;
  /** 13 bits that tell the traces of one place from those of others. */
  place: number;
  /** True for synthetic traces; the others are numbered separately. */
  isSynthetic: boolean;
  /** 32 bits, unique in the place. */
  number: number;
}

/** From 15 October 1582, where the time of such a UUID begins, to 1970. */
const UUID_EPOCH_MS = 12_219_292_800_000;

/**
 * The UUID of version 1 that the service would give a trace: it begins with the time. Its last eight digits are the
 * number, so that whoever made a million traces up can find one by its id without having kept any.
 */
export function traceIdOf({ time, place, isSynthetic, number }: TraceIdParts): string {
  // The time counts tenths of a microsecond: too many for the digits of a number, so it is taken in two parts.
  const ms = time + UUID_EPOCH_MS;
  const high = Math.floor(ms / 0x10000) * 10_000;
  const low = (high % 0x10000) * 0x10000 + (ms % 0x10000) * 10_000;
  const upper = Math.floor(high / 0x10000) + Math.floor(low / 0x100000000);
  const sequence = 0x8000 + (isSynthetic ? 0x2000 : 0) + (place & 0x1fff);
  const version = 0x1000 + (Math.floor(upper / 0x10000) & 0xfff);
  return `${hex8(low)}-${hex4(upper)}-${hex4(version)}-${hex4(sequence)}-fa16${hex8(number)}`;
}

/** The number in an id; `NaN` where there is none. */
export function numberInTraceId(id: string): number {
  return Number.parseInt(id.slice(-8), 16);
}

import { findFlaw, type KeyPair, type RawRequest, readClaim } from "./signature";

/** How many failures in a row an access key may have. */
const maxFailures = 5;
const lockMs = 5 * 60 * 1000;

/** What the gateway remembers of an access key. */
interface KeyRecord {
  pair: KeyPair;
  /** In a row. */
  failures: number;
  /** Milliseconds since 1970; until then every call is refused. */
  lockedUntil: number;
}

/** The access keys there are, and how they have fared. */
export class Keys {
  readonly #records = new Map<string, KeyRecord>();

  constructor(
    private readonly pairs: readonly KeyPair[],
    private readonly clock: () => number,
  ) {
    this.reset();
  }

  /** No key has failed. */
  reset(): void {
    for (const pair of this.pairs) {
      this.#records.set(pair.accessKey, { pair, failures: 0, lockedUntil: Number.NEGATIVE_INFINITY });
    }
  }

  /** In the gateway's words why a signed request is refused; `undefined`: it is not. */
  verify(request: RawRequest): string | undefined {
    const claim = readClaim(request);
    if (claim === undefined) {
      return "verify aksk signature fail, the Authorization header is malformed";
    }
    const record = this.#records.get(claim.accessKey);
    if (record === undefined) {
      return "Get secretKey failed,ak:******,err:ak not exist";
    }
    const now = this.clock();
    if (now < record.lockedUntil) {
      return "AK access failed to reach the limit,forbidden. The access key is locked for 5 minutes.";
    }
    const flaw = findFlaw({ request, claim, keys: record.pair, now });
    record.failures = flaw === undefined ? 0 : record.failures + 1;
    if (record.failures > maxFailures) {
      Object.assign(record, { failures: 0, lockedUntil: now + lockMs });
    }
    return flaw;
  }
}

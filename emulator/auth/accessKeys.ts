import { type KeyPair, parseAuthorization, type RawRequest, verifySignature } from "./signature";

/** An access key with this many failures in a row is locked. */
const MAX_FAILURES = 5;
const LOCK_MS = 5 * 60 * 1000;

/** The gateway's record of an access key. */
interface KeyRecord {
  pair: KeyPair;
  /** In a row. */
  failures: number;
  /** Milliseconds since 1970; until then every call is refused. */
  lockedUntil: number;
}

/** The access keys and their failures. */
export class AccessKeys {
  readonly #records = new Map<string, KeyRecord>();

  constructor(
    private readonly pairs: readonly KeyPair[],
    private readonly clock: () => number,
  ) {}

  /** No key has failed. To be called before use. */
  reset(): void {
    for (const pair of this.pairs) {
      this.#records.set(pair.accessKey, { pair, failures: 0, lockedUntil: Number.NEGATIVE_INFINITY });
    }
  }

  /** The gateway's reason to refuse a signed request; `undefined` if it is accepted. */
  verify(request: RawRequest): string | undefined {
    const authorization = parseAuthorization(request);
    if (authorization === undefined) {
      return "verify aksk signature fail, the Authorization header is malformed";
    }
    const record = this.#records.get(authorization.accessKey);
    if (record === undefined) {
      return "Get secretKey failed,ak:******,err:ak not exist";
    }
    const now = this.clock();
    if (now < record.lockedUntil) {
      return "AK access failed to reach the limit,forbidden. The access key is locked for 5 minutes.";
    }
    const reason = verifySignature({ request, authorization, keys: record.pair, now });
    record.failures = reason === undefined ? 0 : record.failures + 1;
    if (record.failures > MAX_FAILURES) {
      Object.assign(record, { failures: 0, lockedUntil: now + LOCK_MS });
    }
    return reason;
  }
}

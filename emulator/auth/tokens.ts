import { randomBytes } from "node:crypto";
import type { Project } from "../options";

/** The user and the scope that a token was issued for. */
export interface TokenGrant {
  /** Absent: the token is for the whole account. */
  project?: Project;
  /** Milliseconds since 1970. */
  issuedAt: number;
  /** Milliseconds since 1970; from then on the token is refused. */
  expiresAt: number;
}

/** The tokens that were issued. */
export class Tokens {
  readonly #grants = new Map<string, TokenGrant>();

  constructor(
    private readonly lifetimeMs: number,
    private readonly clock: () => number,
  ) {}

  /** Issues a token for a project, or for the whole account. */
  issue(project: Project | undefined): { token: string; grant: TokenGrant } {
    const issuedAt = this.clock();
    const grant: TokenGrant = {
      ...(project && { project }),
      issuedAt,
      expiresAt: issuedAt + this.lifetimeMs,
    };
    const token = `MII${randomBytes(96).toString("base64url")}`;
    this.#grants.set(token, grant);
    return { token, grant };
  }

  /** The grant of a token, or in the gateway's words why it is not valid. */
  verify(token: string | undefined): TokenGrant | string {
    if (!token) {
      return "x-auth-token not found";
    }
    const grant = this.#grants.get(token);
    if (grant === undefined) {
      return "decrypt token fail";
    }
    return grant.expiresAt <= this.clock() ? "token expires" : grant;
  }

  /** Makes every token issued so far invalid. */
  revokeAll(): void {
    this.#grants.clear();
  }
}

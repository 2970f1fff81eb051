import { CtsError } from "../client/errors";
import { quotedLines } from "../client/visible";

/** A check for drift: what was looked at, and what of it is not as the state says. */
export interface DriftCheck {
  /** Known if Pulumi told it. */
  readonly stack?: string;
  /** When it was made, in milliseconds since the epoch, where the input says so. */
  readonly at?: number;
  readonly checked: readonly Checked[];
  readonly drifted: readonly Drifted[];
}

/** A resource that was looked at. */
export interface Checked {
  /** Pulumi's URN, or Terraform's address. */
  readonly urn: string;
  /** Pulumi's type token, or Terraform's type. */
  readonly type: string;
}

/** A resource that is not as the state says. */
export interface Drifted extends Checked {
  readonly id: string;
  readonly kind: "changed" | "gone";
  /** Empty where it is gone. */
  readonly changes: readonly Change[];
  /** As the state has it, with names in camelCase. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The reference to its provider in a Pulumi state. */
  readonly provider?: string;
}

/** One value that differs. */
export interface Change {
  /** For example `tags.owner` or `rules[0].port`, as the tool names it. */
  readonly path: string;
  readonly old?: unknown;
  readonly new?: unknown;
  /** True if neither value is to be seen, nor to be shown. */
  readonly secret: boolean;
}

/** The input is not what it must be. The message says what it is, and what to give instead. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Pulumi or Terraform itself has failed, so that nobody knows what drifted. */
export class CheckFailedError extends CtsError {
  override readonly name = "CheckFailedError";

  /** @param said the words of the tool: several lines stay lines. */
  constructor(message: string, said = "") {
    const lines = quotedLines(said);
    super(
      lines.length > 1 ? `${message}:` : [message, said.trim()].filter((each) => each !== "").join(": "),
      lines.length > 1 ? lines : [],
    );
  }
}

export type Json = Readonly<Record<string, unknown>>;

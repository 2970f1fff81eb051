/** A Pulumi CLI that can be used. */
export interface Pulumi {
  /** Absolute path of the CLI. */
  command: string;
  /** For `PulumiCommand.get({ root })`; undefined where the CLI does not lie in a folder named `bin`. */
  root: string | undefined;
  /** The folder the CLI lies in. */
  bin: string;
  /** Its version, such as `3.245.0`. */
  version: string;
}

/** The CLI to use: the one on PATH if it fits, else the one that set-up put into the cache. */
export function locatePulumi(): Promise<Pulumi | undefined>;

/**
 * Absolute path of `pulumi-language-nodejs`, which `pulumi up` in a project's folder needs.
 * @param bin folder of the CLI in use (`Pulumi.bin`). @defaultValue that of the cached CLI
 */
export function languageHost(bin?: string): string | undefined;

/** The file that a command of this name starts. */
export function findOnPath(name: string): string | undefined;

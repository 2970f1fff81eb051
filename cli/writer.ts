import { once } from "node:events";
import type { Writable } from "node:stream";

/** Characters in one write: a system call for each line would take longer than making the line. */
const CHUNK = 1 << 16;

/** Writes text in few large pieces, no faster than the stream takes it, but never holds text back while it waits. */
export class Writer {
  #text = "";
  #isDue = false;
  #room: Promise<void> | undefined;

  /** @param beforeWriting is called before anything reaches the stream */
  constructor(
    private readonly stream: Writable,
    private readonly beforeWriting?: () => void,
  ) {}

  /** @returns a promise to wait for before the next text, if the stream is full */
  write(text: string): Promise<void> | undefined {
    this.#text += text;
    if (this.#text.length >= CHUNK) {
      this.#send();
    } else if (!this.#isDue) {
      this.#isDue = true;
      // Runs after all that is ready now, before anything that must be waited for.
      setImmediate(() => this.#send());
    }
    return this.#room;
  }

  /** Resolves when the stream has taken all. */
  async flush(): Promise<void> {
    this.#send();
    await this.#room;
  }

  #send(): void {
    this.#isDue = false;
    if (this.#text === "") {
      return;
    }
    const text = this.#text;
    this.#text = "";
    this.beforeWriting?.();
    if (this.stream.write(text)) {
      return;
    }
    this.#room ??= once(this.stream, "drain").then(() => {
      this.#room = undefined;
    });
  }
}

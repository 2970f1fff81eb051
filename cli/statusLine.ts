import { fitTo } from "./terminal";

/** Moves to the beginning of the line, and clears it. */
const ERASE = "\r\x1b[K";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** One line of a terminal that is written over again and again. It is gone when the process ends by a signal. */
export class StatusLine {
  #isShown = false;

  constructor(private readonly stream: { write(text: string): unknown; readonly columns?: number }) {}

  get isShown(): boolean {
    return this.#isShown;
  }

  /** @param textFor makes the text for a number of columns; what is longer is cut. */
  show(textFor: (width: number) => string): void {
    if (!this.#isShown) {
      this.#isShown = true;
      for (const signal of SIGNALS) {
        process.on(signal, this.#onSignal);
      }
    }
    // In the last column some terminals begin a new line.
    const width = (this.stream.columns || 80) - 1;
    this.stream.write(ERASE + fitTo(textFor(width), width).trimEnd());
  }

  hide(): void {
    if (!this.#isShown) {
      return;
    }
    this.#isShown = false;
    for (const signal of SIGNALS) {
      process.off(signal, this.#onSignal);
    }
    this.stream.write(ERASE);
  }

  /** Ends by the signal all the same: otherwise a shell that runs a script does not notice the interruption. */
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.hide();
    process.kill(process.pid, signal);
  };
}

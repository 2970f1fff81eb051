import { counted } from "../../client/counted";
import { StatusLine } from "../statusLine";

/** Options of the progress bar, which is shown on a terminal while nothing else is written to it. */
export interface ReadProgressOptions {
  /** Standard error. */
  readonly stream: ConstructorParameters<typeof StatusLine>[0];
  /** Milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** The bar is shown after this long without other output. */
const DELAY_MS = 1000;
const REDRAW_MS = 200;

/** A bar for the progress of a read, back in time. */
export class ReadProgress {
  readonly #line: StatusLine;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #quietSince: number;
  #count = 0;
  #time: number;

  /** @param window the window of the read, newest first, in milliseconds since the epoch */
  constructor(
    private readonly window: { readonly from: number; readonly to: number },
    { stream, now = Date.now }: ReadProgressOptions,
  ) {
    this.#line = new StatusLine(stream);
    this.#now = now;
    this.#time = window.to;
    this.#quietSince = now();
  }

  start(): void {
    this.#timer = setInterval(() => this.draw(), REDRAW_MS);
    this.#timer.unref();
  }

  /** Counts a trace of this time. */
  note(time: number): void {
    this.#count++;
    this.#time = time;
  }

  draw(): void {
    if (!this.#line.isShown && this.#now() - this.#quietSince < DELAY_MS) {
      return;
    }
    const { from, to } = this.window;
    const state = { done: (to - this.#time) / (to - from), count: this.#count, time: this.#time };
    this.#line.show((width) => progressLine(state, width));
  }

  /** Clears the bar for other output; it comes back after a pause. */
  hide(): void {
    this.#quietSince = this.#now();
    this.#line.hide();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.hide();
  }
}

/** `[####------]  40 %  back to 2026-11-20 10:03Z, 12345 traces`, cut to the width. */
export function progressLine(
  { done, count, time }: { readonly done: number; readonly count: number; readonly time: number },
  width: number,
): string {
  const share = Math.min(1, Math.max(0, done));
  const when = `${new Date(time).toISOString().slice(0, 16).replace("T", " ")}Z`;
  const text = `${String(Math.floor(share * 100)).padStart(3)} %  back to ${when}, ${counted(count, "trace")}`;
  const room = Math.min(30, width - text.length - 4);
  const full = Math.round(share * room);
  const bar = room >= 5 ? `[${"#".repeat(full)}${"-".repeat(room - full)}]  ` : "";
  return (bar + text).slice(0, Math.max(0, width));
}

import { visible } from "../../client/visible";
import { StatusLine } from "../statusLine";
import { say } from "../terminal";

/** Some pipelines end a job that says nothing for ten minutes. */
const SILENCE_MS = 10_000;

/** Says how far it has come: in place on a terminal, elsewhere a line when it has been silent for long. */
export function progressOn(stream: NodeJS.WriteStream) {
  const line = new StatusLine(stream);
  let last = Date.now();
  return {
    show(message: string) {
      if (stream.isTTY) {
        line.show(() => visible(message));
      } else if (Date.now() - last > SILENCE_MS) {
        say(message);
        last = Date.now();
      }
    },
    end: () => line.hide(),
  };
}

import { visible } from "../../client/visible";
import { fitTo, say } from "../terminal";

/** Some pipelines end a job that says nothing for ten minutes. */
const SILENCE_MS = 10_000;

/** Says how far it has come: in place on a terminal, elsewhere a line when it has been silent for long. */
export function progressOn(stream: NodeJS.WriteStream) {
  let last = Date.now();
  return {
    show(message: string) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${fitTo(visible(message), (stream.columns || 80) - 1)}`);
      } else if (Date.now() - last > SILENCE_MS) {
        say(message);
        last = Date.now();
      }
    },
    end() {
      if (stream.isTTY) {
        stream.write("\r\x1b[K");
      }
    },
  };
}

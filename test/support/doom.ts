import type { Place } from "../../provider/client/config";
import type { Connection, Project } from "../../provider/client/connection";

/** Lets through so many calls and the next one half; from there on nothing ever goes on, as after a SIGKILL. */
export class Doom {
  killed: Promise<void>;
  #kill: () => void = () => {};

  constructor(
    private callsLeft: number,
    private readonly isLastCarriedOut: boolean,
  ) {
    this.killed = new Promise((resolve) => {
      this.#kill = resolve;
    });
  }

  wrap(connection: Connection): Connection {
    const project = (place: Place): Project => {
      const real = connection.project(place);
      return { ...real, request: (call, shape) => this.#pass(() => real.request(call, shape)) };
    };
    return Object.assign(Object.create(connection) as Connection, {
      project,
      locate: connection.locate.bind(connection),
    });
  }

  async #pass<T>(request: () => Promise<T>): Promise<T> {
    if (this.callsLeft-- > 0) return request();
    if (this.isLastCarriedOut && this.callsLeft === -1) await request();
    this.#kill();
    return new Promise(() => {});
  }
}

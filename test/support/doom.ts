import type { Connection, Project } from "../../client/connection";
import type { Place } from "../../client/place";

/** Lets through so many calls and the next one half; from there on nothing ever goes on, as after a SIGKILL. */
export class Doom {
  killed: Promise<void>;
  #kill: () => void = () => {};
  readonly #underWay = new Set<Promise<unknown>>();

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
    return new Proxy(connection, {
      get(real, key) {
        if (key === "project") {
          return project;
        }
        const value = Reflect.get(real, key);
        // A method of the proxy would not have the private fields of the connection.
        return typeof value === "function" ? value.bind(real) : value;
      },
    });
  }

  async #pass<T>(request: () => Promise<T>): Promise<T> {
    this.callsLeft--;
    if (this.callsLeft < (this.isLastCarriedOut ? -1 : 0)) {
      return this.#end();
    }
    const sent = request();
    this.#underWay.add(sent);
    const answer = await sent.finally(() => this.#underWay.delete(sent));
    return this.callsLeft < 0 ? this.#end() : answer;
  }

  /** Calls that were sent before still arrive, but their answers are lost. */
  async #end(): Promise<never> {
    await Promise.allSettled(this.#underWay);
    this.#kill();
    return new Promise(() => {});
  }
}

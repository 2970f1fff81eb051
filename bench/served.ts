import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "pulumi-otc-cts";

/** An emulator in a process of its own. */
export class Served {
  private constructor(
    private readonly child: ChildProcess,
    readonly settings: Record<string, string>,
    readonly connection = connect(settings),
  ) {}

  static async start(options: object): Promise<Served> {
    const child = fork(`${__dirname}/programs/emulator.ts`, [JSON.stringify(options)], {
      execArgv: ["--import", "tsx"],
    });
    const [settings] = (await once(child, "message")) as [Record<string, string>];
    return new Served(child, settings);
  }

  /** The number of calls of CTS since the last question. */
  async calls(): Promise<number> {
    this.child.send("calls");
    const [count] = (await once(this.child, "message")) as [number];
    return count;
  }

  /** Adds traces to a project of `eu-de`. */
  async addTraces(project: string, traces: readonly object[]): Promise<void> {
    const url = new URL(`/_emulator/traces/eu-de/${project}`, this.settings["authUrl"]);
    const body = JSON.stringify(traces);
    const headers = { "content-type": "application/json" };
    const { status } = await fetch(url, { method: "POST", headers, body });
    if (status >= 300) {
      throw new Error(`The traces were not added: ${status}`);
    }
  }

  stop(): void {
    this.child.disconnect();
  }
}

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { type Emulator, type EmulatorOptions, type SignInKind, startEmulator } from "pulumi-otc-cts/emulator";
import { afterAll } from "vitest";
import { openStack, type StackOptions } from "../../scripts/stack";

const WORK = join(__dirname, "..", "..", ".work");

/** Clean-up after the file's tests; hooks cannot be added from within a test. */
const cleanups: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanups) {
    await cleanUp();
  }
});

/** The output of an engine run and its end. */
export interface Run {
  readonly ok: boolean;
  /** Everything on screen. */
  readonly output: string;
  /** The step of each resource, by name: `create`, `update`, `same`, `delete`, `replace`, … */
  readonly steps: Record<string, string>;
  /** The stack's outputs. */
  readonly outputs: Record<string, unknown>;
}

/** A Pulumi project with one stack on the real engine, against an emulator of its own. */
export interface Project {
  readonly emulator: Emulator;
  readonly dir: string;
  stack: Stack;
  /** The program that the next operation runs. */
  program: PulumiFn;
  preview(options?: { refresh?: boolean; expectNoChanges?: boolean; plan?: string }): Promise<Run>;
  up(options?: { refresh?: boolean; replace?: string[]; parallel?: number; plan?: string }): Promise<Run>;
  refresh(): Promise<Run>;
  destroy(options?: { runProgram?: boolean }): Promise<Run>;
  /** The stack's state as it is stored. */
  state(): Promise<StoredState>;
}

export interface StoredState {
  readonly text: string;
  readonly resources: readonly StoredResource[];
}

interface StoredResource {
  readonly urn: string;
  readonly id?: string;
  readonly type: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly initErrors?: readonly string[];
}

/** A folder inside the repository, where `pulumi-otc-cts` is found; removed after the file's tests. */
export function makeWorkDir(name: string): string {
  mkdirSync(WORK, { recursive: true });
  const dir = mkdtempSync(join(WORK, `${name}-`));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

type ConnectionOptions = Partial<Pick<StackOptions, "settings" | "env">>;

interface ProjectOptions extends EmulatorOptions, ConnectionOptions {
  program?: PulumiFn;
  signIn?: SignInKind;
  /** Settles settings and environment that depend on the emulator, or on the project's folder. */
  connectBy?: (emulator: Emulator, dir: string) => Promise<ConnectionOptions>;
}

export async function startProject(options: ProjectOptions = {}): Promise<Project> {
  const emulator = await startEmulator(options);
  cleanups.push(() => emulator.close());
  const dir = makeWorkDir("e2e");
  const { settings = emulator.settings(undefined, options.signIn), env = {} } =
    (await options.connectBy?.(emulator, dir)) ?? options;
  const project = { emulator, dir, program: options.program ?? (async () => {}) } as Project;
  const stack = await openStack({
    dir,
    program: () => project.program(),
    settings,
    env,
  });
  return Object.assign(project, {
    stack,
    preview: (opts = {}) => run((common) => stack.preview({ ...common, diff: true, ...opts })),
    up: (opts = {}) => run((common) => stack.up({ ...common, ...opts })),
    refresh: () => run((common) => stack.refresh(common)),
    destroy: (opts = {}) => run((common) => stack.destroy({ ...common, ...opts })),
    async state() {
      const file = join(dir, "state", ".pulumi", "stacks", "otc-cts-quickstart", "dev.json");
      const text = readFileSync(file, "utf8");
      const { checkpoint } = JSON.parse(text) as { checkpoint: { latest: { resources?: StoredResource[] } } };
      return { text, resources: checkpoint.latest.resources ?? [] };
    },
  } satisfies Partial<Project>);
}

interface CommonOptions {
  onOutput: (text: string) => void;
  onEvent: (event: EngineEvent) => void;
}

/**
 * The Automation API's own failure: now and then the program cannot reach its engine on a busy machine, before it has
 * registered anything (pulumi/pulumi#6457). Nothing of ours has run by then, so the operation is repeated once.
 */
const ENGINE_NOT_REACHED = "14 UNAVAILABLE: No connection established. Last error: null";

async function run(operation: (common: CommonOptions) => Promise<unknown>): Promise<Run> {
  const first = await runOnce(operation);
  const reached =
    first.ok || Object.keys(first.steps).length > 0 || !first.output.includes(ENGINE_NOT_REACHED);
  return reached ? first : runOnce(operation);
}

async function runOnce(operation: (common: CommonOptions) => Promise<unknown>): Promise<Run> {
  let output = "";
  const steps: Record<string, string> = {};
  const onEvent = ({ resourcePreEvent: event }: EngineEvent) => {
    if (event) {
      steps[event.metadata.urn.split("::").at(-1) ?? ""] = event.metadata.op;
    }
  };
  const onOutput = (text: string) => {
    output += text;
  };
  try {
    const result = (await operation({ onOutput, onEvent })) as {
      outputs?: Record<string, { value: unknown }>;
    };
    const outputs = Object.entries(result.outputs ?? {}).map(([name, { value }]) => [name, value]);
    return { ok: true, output, steps, outputs: Object.fromEntries(outputs) };
  } catch (error) {
    return { ok: false, output: `${output}\n${String(error)}`, steps, outputs: {} };
  }
}

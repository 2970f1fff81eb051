/**
 * Attack: a program's unit test under `pulumi.runtime.setMocks`, which must reach no service and need no settings.
 *
 * Alone: `npm run build && npx vitest run test/attacks/mocks`
 */
import * as pulumi from "@pulumi/pulumi";
import type { MockCallArgs } from "@pulumi/pulumi/runtime";
import * as cts from "pulumi-otc-cts";
import { startEmulator } from "pulumi-otc-cts/emulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const TRACES = { traces: [{ traceName: "login", time: "2026-11-25T00:00:00.000Z" }], truncated: false };

let calls: MockCallArgs[];
let answer: (call: MockCallArgs) => unknown;
async function mock(preview = false): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({ id: preview ? undefined : `${name}-id`, state: inputs }),
      call: (call) => {
        calls.push(call);
        return answer(call) as Record<string, unknown>;
      },
    },
    "project",
    "stack",
    preview,
  );
}

beforeEach(async () => {
  calls = [];
  answer = () => TRACES;
  await mock();
});

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => unhandled.push(error));
afterEach(() => expect(unhandled).toEqual([]));

const settled = <T>(output: pulumi.Output<T>) => new Promise((resolve) => output.apply(resolve));

type Either = Record<string, (args?: object) => unknown>;
const functions = cts as unknown as Either;

describe("a mocked call", () => {
  it.each(["getTraces", "getTracker", "getQuotas", "getNotifications"])("stands for %s", async (name) => {
    const args = { region: "eu-nl", projectName: "eu-nl_production" };

    const now = await functions[name]?.(args);
    const output = await settled(functions[`${name}Output`]?.(args) as pulumi.Output<unknown>);
    const withoutArgs = await functions[name]?.();

    expect([now, output, withoutArgs]).toEqual([TRACES, TRACES, TRACES]);
    const token = `otc-cts:index:${name}`;
    expect(calls).toEqual([
      { token, inputs: args },
      { token, inputs: args },
      { token, inputs: {} },
    ]);
  });

  it("is given arguments as they were given, and outputs as their values", async () => {
    const from = new Date("2026-11-24T00:00:00Z");
    const tracker = new cts.Tracker("audit", { region: "eu-de" });
    await cts.getTraces({ from, limit: 3 });
    await settled(cts.getTracesOutput({ resourceId: tracker.id, user: Promise.resolve("eve") }));
    expect(calls.map(({ inputs }) => inputs)).toEqual([
      { from, limit: 3 },
      { resourceId: "audit-id", user: "eve" },
    ]);
  });

  it("is given dates among outputs as milliseconds, however they come", async () => {
    const date = new Date("2026-11-24T00:00:00Z");
    const inputs = [date, Promise.resolve(date), pulumi.output("").apply(() => date), new Date(Number.NaN)];
    for (const from of inputs) {
      await settled(cts.getTracesOutput({ from }));
    }
    expect(calls.map(({ inputs }) => inputs["from"])).toEqual([+date, +date, +date, Number.NaN]);
  });

  it("may answer later, with a list that is empty, or with what it was given", async () => {
    answer = async ({ inputs }) => ({ traces: [], ...inputs });
    expect(await cts.getTraces({ limit: 1 })).toEqual({ traces: [], limit: 1 });
    expect(await settled(cts.getTracesOutput().traces)).toEqual([]);
  });

  it("may fail: its own error is thrown", async () => {
    answer = () => {
      throw new Error("403, as the test wants it");
    };
    await expect(cts.getTraces()).rejects.toThrow("403, as the test wants it");
    answer = () => Promise.reject(new Error("later"));
    await expect(cts.getTracker()).rejects.toThrow("later");
  });

  it("makes a result secret where an argument is", async () => {
    expect(await pulumi.isSecret(cts.getTracesOutput({ user: pulumi.secret("eve") }))).toBe(true);
    expect(await pulumi.isSecret(cts.getTracesOutput({ user: "eve" }))).toBe(false);
  });

  it("does not happen in a preview while an argument is not known", async () => {
    await mock(true);
    const tracker = new cts.Tracker("audit");
    const traces = cts.getTracesOutput({ resourceId: tracker.id });
    expect(await (traces as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
    expect(calls).toEqual([]);
  });

  it("does not stand for functions that are called with a connection", async () => {
    const emulator = await startEmulator();
    for await (const _ of cts.traces(cts.connect(emulator.settings()), {})) {
      expect(calls).toEqual([]);
    }
    expect(emulator.journal.calls("cts").length).toBeGreaterThan(0);
    await emulator.close();
  });
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { expect, it } from "vitest";
import { programOf } from "../../scripts/stack";
import { startProject } from "../support/project";

const example = (name: string) => programOf(join(__dirname, "..", "..", "examples", name, "index.ts"));

it("examples/root-user fails, in the preview too, once somebody has worked as root", async () => {
  const project = await startProject({ program: example("root-user") });
  expect(await project.up()).toMatchObject({ ok: true });

  const user = { id: "1", name: "ACCOUNT", domain: { id: "2", name: "ACCOUNT" } };
  project.emulator.traces.add({
    time: Date.now() - 5000,
    trace_name: "deleteTracker",
    user,
    source_ip: "192.0.2.7",
  });
  const preview = await project.preview();

  expect(preview.ok).toBe(false);
  expect(preview.output).toMatch(/root user was used 1 times[\s\S]*deleteTracker from 192\.0\.2\.7/);
});

it("examples/incident-alarm tells its webhook of incidents, in an update and not in a preview", async () => {
  const received: { incidents: { traceName: string }[] }[] = [];
  const server = createServer(async (request, response) => {
    received.push((await json(request)) as (typeof received)[number]);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const project = await startProject({ program: example("incident-alarm") });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    await project.stack.setConfig("webhook", { value: url });
    project.emulator.traces.add([
      { time: Date.now() - 5000, trace_name: "deleteServer", trace_rating: "incident" },
      { time: Date.now() - 5000, trace_name: "createServer", trace_rating: "normal" },
    ]);
    expect(await project.preview()).toMatchObject({ ok: true });
    expect(received).toEqual([]);
    expect(await project.up()).toMatchObject({ ok: true, outputs: { incidents: 1 } });
    expect(received.map(({ incidents }) => incidents.map(({ traceName }) => traceName))).toEqual([
      ["deleteServer"],
    ]);
  } finally {
    server.close();
  }
});

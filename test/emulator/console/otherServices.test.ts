import { describe, expect, it } from "vitest";
import { useEmulated } from "../../support/emulated";
import { request } from "../../support/emulator";

const service = useEmulated();
const disk = { service_type: "EVS", resource_type: "evs", trace_name: "extendVolume", resource_id: "disk-1" };

describe("emulator.change", () => {
  it("changes a resource of another service, and leaves the trace that the console would", () => {
    const [trace] = service.emulator.change({
      ...disk,
      set: { size: 40, admin_password: "x" },
      user: "alice",
    });

    expect(trace).toMatchObject({
      ...disk,
      ...{ trace_type: "ConsoleAction", trace_rating: "normal", user: { name: "alice" } },
      request: '{"size":40,"admin_password":"********"}',
    });
    expect(service.emulator.resource("disk-1")).toMatchObject({ size: 40 });
  });

  it("leaves two traces of an asynchronous operation, the second by the service", () => {
    const traces = service.emulator.change({
      ...disk,
      user: "alice/op_service",
      result_after_ms: 120_000,
      trace_rating: "warning",
      set: { size: 99 },
    });

    expect(
      traces.map(({ trace_type, trace_rating, user }) => [
        trace_type,
        trace_rating,
        (user as { name: string }).name,
      ]),
    ).toEqual([
      ["ConsoleAction", "normal", "alice/op_service"],
      ["SystemAction", "warning", ""],
    ]);
    // It failed in the end.
    expect(service.emulator.resource("disk-1")).not.toMatchObject({ size: 99 });
  });

  it.each([
    ["object", { a: 1 }],
    ["xml", "<Configuration><a>1</a></Configuration>"],
    ["empty", ""],
  ] as const)("records a request as %s", (request_as, recorded) => {
    const [trace] = service.emulator.change({ ...disk, set: { a: 1 }, request_as });

    expect(trace?.request).toEqual(recorded);
  });

  it("has traces without an id, late ones, and such of the service alone", () => {
    const bucket = {
      service_type: "OBS",
      resource_type: "bucket",
      trace_name: "setBucketPolicy",
      resource_name: "files",
    };
    const [trace] = service.emulator.change({ ...bucket, trace_type: "Others", visible_after_ms: 5000 });
    const [system] = service.emulator.change({ ...disk, user: "" });

    expect(trace).not.toHaveProperty("resource_id");
    expect((trace?.record_time ?? 0) - (trace?.time ?? 0)).toBe(5000);
    expect(system).toMatchObject({ trace_type: "SystemAction", source_ip: "", user: { name: "" } });
  });

  it("deletes a resource, and forgets all at reset", () => {
    service.emulator.change({ ...disk, trace_name: "deleteVolume", isDeleted: true });
    expect(service.emulator.resource("disk-1")).toBeUndefined();
    service.emulator.change({ ...disk, set: { size: 1 } });
    service.emulator.reset();
    expect(service.emulator.resource("disk-1")).toBeUndefined();
  });

  it("works by hand, over HTTP", async () => {
    const { url } = service.emulator;
    const made = await request(`${url}/_emulator/changes/eu-de/eu-de_demo`, {
      method: "POST",
      json: { ...disk, set: { size: 7 } },
    });
    const bad = await request(`${url}/_emulator/changes/eu-de/eu-de_demo`, {
      method: "POST",
      json: { set: {} },
    });

    expect([made.status, bad.status]).toEqual([201, 400]);
    expect((await request(`${url}/_emulator/resources/disk-1`)).json).toEqual({ size: 7 });
    expect((await request(`${url}/_emulator/resources/none`)).status).toBe(404);
  });
});

/**
 * Attack: every status and code that does not mean "gone", and a sign-in that fails in the same words. What is alive must stay
 * in the state, with the settings that it was found with.
 *
 * Alone: `npx vitest run test/attacks/gone`
 */
import { beforeEach, describe, expect, it } from "vitest";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { engineFor, engineOf, useEmulated } from "../support/emulated";

const service = useEmulated();
beforeEach(() => service.emulator.reset());

const answerWith = (status: number, body: unknown, match: object) =>
  service.emulator.faults.add({ kind: "status", status, body, times: 99, match });

const NOT_GONE: [number, string][] = [
  [500, "CTS.0214"],
  [503, "CTS.0214"],
  [502, "CTS.0403"],
  [400, "CTS.0214"],
  [410, "CTS.0214"],
  [200, "CTS.0214"],
  [403, "CTS.0403"],
  [404, "CTS.9999"],
  [404, "CTS.0100"],
  [404, "CTS.0012"],
  [404, "CTS.02140"],
  [404, "XCTS.0214"],
  [404, "APIGW.0101"],
  [404, "IAM.0004"],
  [404, ""],
];

describe("a tracker", () => {
  it.each([...NOT_GONE, [404, "CTS.0403"] as const])(
    "is not gone because of %i %s",
    async (status, error_code) => {
      service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
      const engine = engineOf(service);
      await engine.up({ adopt: true });
      answerWith(status, { error_code, error_msg: "No." }, { service: "cts" });

      const refreshed = await engine.refresh();
      const destroyed = await engine.destroy();

      for (const { errors } of [refreshed, destroyed]) {
        expect(errors[0]).toContain(`${status} ${error_code}`.trim());
      }
      expect(engine.resource?.outputs["adopted"]).toMatchObject({ obsInfo: { bucketName: "theirs" } });
      expect(service.emulator.tracker()).toBeDefined();
    },
  );

  it("is gone by 404 CTS.0214, in either case", async () => {
    for (const error_code of ["CTS.0214", "cts.0214"]) {
      service.emulator.reset();
      const engine = engineOf(service);
      await engine.up({});
      answerWith(404, { error_code, error_msg: "None." }, { service: "cts", method: "GET" });

      await engine.refresh();

      expect(engine.resource).toBeUndefined();
    }
  });

  it("is not gone because IAM answers so", async () => {
    const engine = engineOf(service, () => service.connect());
    await engine.up({});
    answerWith(404, { error_code: "CTS.0214", error_msg: "None." }, { service: "iam" });

    expect((await engine.refresh()).errors[0]).toContain("404 CTS.0214");
    expect((await engine.destroy()).errors[0]).toContain("404 CTS.0214");
    expect(engine.resource).toBeDefined();
  });

  it.each([[{}], [null], [[{}]], [""], [[]]])("is not gone by API v3 because of %j", async (body) => {
    const engine = engineOf(service);
    await engine.up({});
    answerWith(200, body, { service: "cts" });

    expect((await engine.refresh()).errors[0]).toContain("not as the API promises");
    expect(engine.resource).toBeDefined();
  });

  it.each([[{}], [null], [[{}]], [""], [[]], [{ trackers: [] }]])(
    "is gone by API v1.0 by %j",
    async (body) => {
      const connection = () => service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
      const engine = engineOf(service, connection);
      expect((await engine.up({ obsInfo: { bucketName: "audit-files" } })).errors).toEqual([]);
      answerWith(200, body, { service: "cts" });

      expect((await engine.refresh()).errors).toEqual([]);
      expect(engine.resource).toBeUndefined();
    },
  );
});

describe("a notification", () => {
  const declared = { notificationName: "alarm", status: "disabled" };

  it.each(NOT_GONE)("is not gone because of %i %s", async (status, error_code) => {
    const engine = engineFor(service, KeyEventNotificationResource);
    await engine.up(declared);
    answerWith(status, { error_code, error_msg: "No." }, { service: "cts" });

    const refreshed = await engine.refresh();
    const destroyed = await engine.destroy();

    for (const { errors } of [refreshed, destroyed]) {
      expect(errors[0]).toContain(`${status} ${error_code}`.trim());
    }
    expect(engine.resource).toBeDefined();
    expect(service.emulator.notifications()).toHaveLength(1);
  });

  // The reference has CTS.0403 for it; deployments without it have no other code for what is gone than CTS.0214.
  it.each(["CTS.0403", "CTS.0214"])("is gone by 404 %s", async (error_code) => {
    const engine = engineFor(service, KeyEventNotificationResource);
    await engine.up(declared);
    answerWith(404, { error_code, error_msg: "None." }, { service: "cts" });

    expect((await engine.refresh()).errors).toEqual([]);
    expect(engine.resource).toBeUndefined();
  });
});

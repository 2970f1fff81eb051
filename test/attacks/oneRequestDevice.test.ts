/**
 * Attack: a device on the way that lets one request through each connection and cuts off the second, as some firewalls and
 * load balancers do. A create always followed a read, on the connection that the read had left: it never got through.
 *
 * Alone: `npx vitest run test/attacks/oneRequestDevice`
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Http } from "../../client/http/http";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { engineFor, engineOf, useEmulated } from "../support/emulated";
import { type OneRequestDevice, startOneRequestDevice } from "../support/oneRequestDevice";
import { type ProxyServer, startProxyServer } from "../support/proxyServer";
import { startRawServer } from "../support/rawServer";
import { certificateFile, startTlsFront, type TlsFront } from "../support/tlsFront";
import { virtualClock } from "../support/virtualClock";

const service = useEmulated({ allowedHosts: ["cts.example.test", "plain.example.test"] });
let device: OneRequestDevice;
let deviceToProxy: OneRequestDevice;
let front: TlsFront;
let proxy: ProxyServer;

beforeEach(async () => {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    for (const variable of [name, name.toLowerCase()]) {
      vi.stubEnv(variable, "");
    }
  }
  service.emulator.reset();
  device = await startOneRequestDevice(service.emulator.url);
  front = await startTlsFront(`http://127.0.0.1:${device.port}`);
  const portOf = (url: string) => Number(new URL(url).port);
  proxy = await startProxyServer((host) =>
    host.startsWith("plain.") ? portOf(service.emulator.url) : front.port,
  );
  deviceToProxy = await startOneRequestDevice(proxy.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await deviceToProxy.close();
  await proxy.close();
  await front.close();
  await device.close();
});

/** Ways through the device, each by the URL that CTS then has. */
const ways: [string, () => string][] = [
  ["directly", () => `http://127.0.0.1:${device.port}`],
  ["by TLS", () => front.url],
  [
    "in tunnels of a proxy",
    () => {
      vi.stubEnv("HTTPS_PROXY", proxy.url);
      return "https://cts.example.test";
    },
  ],
  [
    "by plain http through a proxy",
    () => {
      vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${deviceToProxy.port}`);
      return "http://plain.example.test";
    },
  ],
];
/** One is enough to learn from; and not that to a POST: nobody would know whether it was carried out. */
const expectOneLostAnswer = () => {
  expect([...device.cut, ...deviceToProxy.cut]).toEqual([expect.not.stringMatching(/^POST/)]);
};
const connectBy = (url: string) => {
  const caCertFile = certificateFile("ca");
  const insecure = url.startsWith("http://plain") ? { insecure: "true" } : {};
  return service.connect({
    ...service.emulator.settings(),
    endpoint: `${url}/{region}`,
    caCertFile,
    ...insecure,
  });
};

describe("through a device that lets one request through each connection", () => {
  it.each(ways)("a tracker is made, changed, refreshed and deleted (%s)", async (_, way) => {
    service.emulator.setTracker(undefined);
    const url = way();
    const connection = connectBy(url);
    const engine = engineOf(service, () => connection);

    expect((await engine.up({})).errors).toEqual([]);
    expect((await engine.up({ isLtsEnabled: true })).errors).toEqual([]);
    expect(service.emulator.tracker()?.lts.is_lts_enabled).toBe(true);
    expect((await engine.refresh()).errors).toEqual([]);
    expect((await engine.destroy()).errors).toEqual([]);
    expect(service.emulator.tracker()).toBeUndefined();
    expectOneLostAnswer();
  });

  it.each(ways)("a notification is made, changed, refreshed and deleted (%s)", async (_, way) => {
    const connection = connectBy(way());
    const engine = engineFor(service, KeyEventNotificationResource, () => connection);
    const declared = { notificationName: "alarm", status: "disabled" };

    expect((await engine.up(declared)).errors).toEqual([]);
    expect((await engine.up({ ...declared, notificationName: "renamed" })).errors).toEqual([]);
    expect(service.emulator.notifications()[0]?.notification_name).toBe("renamed");
    expect((await engine.refresh()).errors).toEqual([]);
    expect((await engine.destroy()).errors).toEqual([]);
    expectOneLostAnswer();
  });

  it("side by side, each call is cut off once at most before all go over connections of their own", async () => {
    const connection = connectBy(`http://127.0.0.1:${device.port}`);
    const project = connection.project(await connection.locate({}));
    const readAll = () =>
      Promise.all(Array.from({ length: 10 }, () => project.request({ method: "GET", path: "trackers" })));

    for (let round = 0; round < 5; round++) {
      await readAll();
    }

    expect(device.cut.length).toBeGreaterThan(0);
    expect(device.cut.length).toBeLessThanOrEqual(10);
  });
});

describe("Http.send", () => {
  it("keeps no connection for a while after one was cut off or fell silent, and then again", async () => {
    const server = await startRawServer();
    const clock = virtualClock();
    const http = new Http(clock, { timeoutMs: 200, ca: readFileSync(certificateFile("ca"), "utf8") });
    for (const end of ["reset", "silence"] as const) {
      const cutting = await startOneRequestDevice(server.url, end);
      const send = (method: "GET" | "PUT" | "DELETE" = "GET") =>
        http.send({ method, url: `http://127.0.0.1:${cutting.port}` });
      await send();
      await expect(send("PUT")).rejects.toThrow(end === "reset" ? "ECONNRESET" : "no answer");

      for (const method of ["PUT", "GET", "DELETE", "GET"] as const) {
        await send(method);
      }
      clock.advance(60_000);
      await send();

      await expect(send()).rejects.toThrow(end === "reset" ? "ECONNRESET" : "no answer");
      await cutting.close();
    }
    await server.close();
  });
});

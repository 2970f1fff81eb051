/**
 * Attack: a proxy that echoes what it was sent, and a service that puts secret arguments into other fields of its answers.
 *
 * Alone: `npm run build && npx vitest run test/attacks/echoedSecrets`
 */
import type { dynamic } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { Http } from "../../client/http/http";
import { Run } from "../../provider/core/run";
import { toDynamicProvider } from "../../provider/dynamic/adapter";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { TrackerResource } from "../../provider/tracker/resource";
import { failureOf } from "../support/client";
import { type Emulated, startEmulated } from "../support/emulated";
import { findLeaks, formsOf, printed } from "../support/leaks";
import { startProject } from "../support/project";
import { json, startRawServer } from "../support/rawServer";
import { ARGUMENTS } from "../support/secrets";
import { virtualClock } from "../support/virtualClock";
import { startWiretap, type Wiretap } from "../support/wiretap";

type Bag = Record<string, unknown>;

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) {
    await close();
  }
});

describe("a proxy that echoes", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const credentials = { password: "pa/55+wörd", both: "robot:pa/55+wörd" };
  const own = { token: "to+ken/4711==", authorization: "SDK-HMAC-SHA256 Access=AK, Signature=0a1b2c3d4e5f" };

  it.each([400, 403, 502, 200])(
    "tells nobody credentials, its own or the user's, with status %i",
    async (status) => {
      const secrets = { ...credentials, ...own };
      const proxy = await startRawServer((response, request) => {
        expect(request.headers["proxy-authorization"]).toBe(
          `Basic ${Buffer.from(credentials.both).toString("base64")}`,
        );
        const forms = Object.values(secrets).flatMap((secret) => [...formsOf(secret).keys()]);
        const words = `${JSON.stringify(request.headers)} ${forms.join(" ")}`;
        // Each alone, as a message is cut when it is long.
        const body = {
          error_msg: words.slice(0, 900),
          message: words,
          error_code: forms[0],
          request_id: words.slice(-900),
          detail: forms,
        };
        // With an error in it, a 200 is a refusal, too.
        const answer = status === 200 ? { words, detail: forms } : body;
        json(status, answer, { "X-Request-Id": forms.join(" ").replace(/[^ -~]/g, "") })(response, request);
      });
      closing.push(proxy.close);
      vi.stubEnv(
        "http_proxy",
        proxy.url.replace("://", `://robot:${encodeURIComponent(credentials.password)}@`),
      );
      vi.stubEnv("no_proxy", "");

      const sent = new Http(virtualClock()).send({
        method: "GET",
        url: "http://plain.example.test/v3/p/trackers",
        headers: { "X-Auth-Token": own.token, Authorization: own.authorization },
        secrets: [own.token, own.authorization],
      });

      const seen = status === 200 ? (await sent).body : await failureOf(sent);
      expect(printed(seen)).toContain("***");
      expect(findLeaks(new Map([["seen", printed(seen)]]), secrets)).toEqual([]);
    },
  );
});

describe("a service that repeats secret arguments", () => {
  const { bucketName, filePrefixName } = ARGUMENTS;
  const words = `the bucket ${bucketName} of prefix ${filePrefixName}`;
  const urn = (kind: string) => ({
    __urn: `urn:pulumi:dev::test::pulumi-nodejs:dynamic/otc-cts:${kind}::audit`,
  });

  /** A service that answers all reads of trackers with this. */
  async function answering(
    tracker: Bag,
  ): Promise<{ service: Emulated; provider: ReturnType<typeof toDynamicProvider>; tap: Wiretap }> {
    const service = await startEmulated({ behaviour: { trackerExists: false } });
    const tap = await startWiretap(service.emulator.url);
    closing.push(tap.close, () => service.emulator.close());
    const connection = service.connect(tap.settings(service.emulator.settings()));
    const answer = (body: unknown) => (_: unknown, response: Parameters<ReturnType<typeof json>>[0]) =>
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    tap.interceptions.set(
      "GET /",
      answer({ trackers: [{ id: "t-1", tracker_name: "system", status: "enabled", ...tracker }] }),
    );
    for (const call of ["PUT /", "POST /eu"]) {
      tap.interceptions.set(call, answer({}));
    }
    return {
      service,
      provider: toDynamicProvider(new TrackerResource(new Run(() => connection, service.clock))),
      tap,
    };
  }

  const declared = { ...urn("Tracker"), __secrets: ["obsInfo"], isLtsEnabled: true, obsInfo: ARGUMENTS };
  const obs_info = {
    bucket_name: bucketName,
    file_prefix_name: filePrefixName,
    bucket_location: `near ${bucketName}`,
  };
  const lts = { is_lts_enabled: true, log_group_name: words, log_topic_name: bucketName };

  it("has them in no other output, and no drift comes of that", async () => {
    const { provider } = await answering({ obs_info, lts, tracker_type: words });
    const { inputs = {} } = await provider.check({}, { ...declared, adopt: true });
    const { id, outs = {} } = await provider.create(inputs);
    const read = (await provider.read(id, outs)) as dynamic.ReadResult;
    const updated = (await provider.update(id, outs, inputs)) as dynamic.UpdateResult;

    for (const state of [outs, read.props ?? {}, updated.outs ?? {}] as Bag[]) {
      const { obsInfo, adopted, ...rest } = state;
      expect(obsInfo).toMatchObject({ ...ARGUMENTS, bucketLocation: "near ***" });
      expect(rest).toMatchObject({
        lts: { logGroupName: "the bucket *** of prefix ***", logTopicName: "***" },
        trackerType: "the bucket *** of prefix ***",
      });
      expect(findLeaks(new Map([["state", JSON.stringify(rest)]]), ARGUMENTS)).toEqual([]);
    }
    expect(read.props).toEqual(outs);
    for (const [state, news] of [
      [outs, inputs],
      [read.props, inputs],
      [read.props, read.inputs],
    ] as [Bag, Bag][]) {
      expect(await provider.diff(id, state, news)).toMatchObject({ changes: false });
    }
  });

  it("has them in no `detail`, also in what is kept of a failure, and stays unhealthy", async () => {
    const { provider } = await answering({ obs_info, lts, status: "error", detail: words });
    const { inputs = {} } = await provider.check({}, { ...declared, adopt: true });

    const failure = (await failureOf(provider.create(inputs))) as unknown as {
      id: string;
      properties: Bag;
      reasons: string[];
    };

    expect(failure.properties).toMatchObject({
      status: "error",
      detail: "the bucket *** of prefix ***",
      obsInfo: ARGUMENTS,
    });
    expect(failure.reasons.join()).toContain("(the bucket *** of prefix ***)");
    const { obsInfo, adopted, ...rest } = failure.properties;
    expect(
      findLeaks(new Map([["kept", printed([rest, failure.reasons, String(failure)])]]), ARGUMENTS),
    ).toEqual([]);
    expect(await provider.diff(failure.id, failure.properties, inputs)).toMatchObject({ changes: true });
    expect(((await provider.read(failure.id, failure.properties)) as dynamic.ReadResult).props).toEqual(
      failure.properties,
    );
  });

  it("puts back exactly what it had when the tracker was taken over", async () => {
    const theirs = `${bucketName}-before`;
    const { provider } = await answering({ obs_info: { ...obs_info, bucket_name: theirs } });
    const news = { ...urn("Tracker"), __secrets: ["obsInfo"], obsInfo: { bucketName: theirs }, adopt: true };
    const { inputs = {} } = await provider.check({}, news);
    const { outs = {} } = await provider.create({
      ...inputs,
      obsInfo: { ...(inputs["obsInfo"] as Bag), filePrefixName },
    });

    expect(outs["adopted"]).toMatchObject({ obsInfo: { bucketName: theirs, filePrefixName } });
  });

  it("keeps an argument exact that repeats one openly, and masks what has drifted to one", async () => {
    const service = await startEmulated();
    closing.push(() => service.emulator.close());
    const resource = new KeyEventNotificationResource(new Run(() => service.connect(), service.clock));
    const { check, create, read, diff } = toDynamicProvider(resource);
    const topicId = service.emulator.createTopic("hush");
    const userGroup = `group ${topicId}`;
    const news = {
      ...urn("KeyEventNotification"),
      __secrets: ["topicId"],
      topicId,
      notificationName: "hush",
      notifyUserList: [{ userGroup, userList: ["alice", "bob ***"] }],
      filter: { rule: [`resource_name = ${topicId}`] },
    };
    const { inputs = {} } = await check({}, news);
    const { id, outs = {} } = await create(inputs);

    expect(outs).toMatchObject({ topicId, notifyUserList: news.notifyUserList, filter: news.filter });
    expect(await diff(id, outs, inputs)).toMatchObject({ changes: false });
    for (const [now, shown] of [
      [`carol ${topicId}`, "carol ***"],
      // A masked value must not look as if it were declared.
      [`bob ${topicId}`, `bob ${topicId}`],
    ] as const) {
      service.emulator.console.notifications.change("hush", {
        notify_user_list: [{ user_group: userGroup, user_list: ["alice", now] }],
      });
      await service.clock.sleep(60_000);
      const { props = {}, inputs: found = {} } = (await read(id, outs)) as dynamic.ReadResult;
      for (const bag of [props, found] as Bag[]) {
        expect(bag).toMatchObject({ notifyUserList: [{ userGroup, userList: ["alice", shown] }] });
      }
      expect(await diff(id, props, inputs)).toMatchObject({ changes: true });
    }
  });

  it("has an id exact, as a secret of its own: delete compares it", async () => {
    const { provider } = await answering({ obs_info, id: `t-${bucketName}` });
    const { inputs = {} } = await provider.check({}, { ...declared, adopt: true, isLtsEnabled: false });
    const { outs } = await provider.create(inputs);

    expect(outs).toMatchObject({
      trackerId: { "4dabf18193072939515e22adb298388d": expect.any(String), value: `t-${bucketName}` },
    });
  });
});

describe("secrets on the real engine", () => {
  it("are in the state only encrypted, though the service repeats them, and nothing drifts", async () => {
    const hush = { ...ARGUMENTS, projectName: "eu-de_demo", topicName: "hush-topic-4711" };
    let tap: Wiretap | undefined;
    const project = await startProject({
      behaviour: { trackerExists: false },
      async connectBy(emulator) {
        tap = await startWiretap(emulator.url);
        closing.push(tap.close);
        const { projectName: _, ...settings } = tap.settings(emulator.settings());
        return { settings: { ...settings, projectName: "eu-nl_demo" } };
      },
    });
    project.emulator.createTopic(hush.topicName);
    project.program = async () => {
      const projectName = pulumi.secret(hush.projectName);
      const obsInfo = { bucketName: pulumi.secret(hush.bucketName), filePrefixName: "open" };
      new cts.Tracker("audit", { projectName, obsInfo, isLtsEnabled: true });
      new cts.KeyEventNotification("alarm", {
        projectName,
        notificationName: "alarm",
        topicName: pulumi.secret(hush.topicName),
      });
    };
    const up = await project.up();
    expect(up).toMatchObject({ ok: true });
    const words = `the bucket ${hush.bucketName}`;
    const tracker = {
      ...project.emulator.tracker(),
      lts: { is_lts_enabled: true, log_group_name: words, log_topic_name: words },
    };
    tap?.interceptions.set("/trackers", (_, response) =>
      response
        .writeHead(200, { "Content-Type": "application/json" })
        .end(JSON.stringify({ trackers: [tracker] })),
    );

    expect(await project.refresh()).toMatchObject({ ok: true });
    expect(await project.preview({ refresh: true, expectNoChanges: true })).toMatchObject({ ok: true });
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "same", alarm: "same" } });

    const { text, resources } = await project.state();
    expect(resources.find(({ urn }) => urn.endsWith("audit"))?.outputs).toMatchObject({
      lts: { logGroupName: "the bucket ***" },
      obsInfo: { bucketName: { ciphertext: expect.any(String) }, filePrefixName: "open" },
      projectName: { ciphertext: expect.any(String) },
    });
    expect(resources.find(({ urn }) => urn.endsWith("alarm"))?.inputs).toMatchObject({
      topicId: { ciphertext: expect.any(String) },
    });
    const { bucketName, topicName, projectName } = hush;
    expect(findLeaks(new Map([["state", text]]), { bucketName, topicName, projectName })).toEqual([]);
    tap?.interceptions.clear();
    expect(await project.destroy()).toMatchObject({ ok: true });
  }, 300_000);
});

import { beforeEach, describe, expect, it } from "vitest";
import { resolveSettings } from "../../../client/config/settings";
import { bridgedSource, pulumiSource } from "../../../client/config/sources";
import { Connection } from "../../../client/connection";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";

const DELEGATED = { name: "eu-de_audited", region: "eu-de" };
const service = useEmulated({
  agencies: [{ name: "audit", domain: { name: "OTC2" }, project: DELEGATED }],
});
const AGENCY = { agencyName: "audit", agencyDomainName: "OTC2", delegatedProject: DELEGATED.name };
const GET = { method: "GET", path: "trackers", query: { tracker_name: "system" } } as const;

beforeEach(() => service.emulator.reset());

function connect(settings: Record<string, string>, agency: Record<string, string> = AGENCY): Connection {
  const sources = [
    pulumiSource((key) => settings[key.replace("otc-cts:", "")]),
    bridgedSource((key) => agency[key.replace("opentelekomcloud:", "")]),
  ];
  return new Connection(resolveSettings(sources), { clock: service.clock, warn: () => {} });
}

/** The project that a call of the connection's default place reaches. */
async function reach(connection: Connection): Promise<string | undefined> {
  await connection.project(await connection.locate({})).request(GET);
  return service.emulator.journal.calls("cts").at(-1)?.projectId;
}

describe("an agency", () => {
  it.each(["password", "token"] as const)(
    "is used with a %s, and never the user's own project",
    async (kind) => {
      const connection = connect(service.emulator.settings({}, kind));

      expect(await reach(connection)).toBe(service.emulator.projectId(DELEGATED.name));
      expect(service.emulator.journal.calls("cts").map(({ projectId }) => projectId)).not.toContain(
        service.emulator.projectId("eu-de_demo"),
      );
    },
  );

  it("asks for a token of the user's account once, and for one of each delegated project once", async () => {
    const connection = connect(service.emulator.settings());

    await Promise.all([reach(connection), reach(connection), reach(connection)]);

    const bodies = service.emulator.journal.calls("iam").map(({ body }) => (body as { auth: unknown }).auth);
    expect(bodies).toEqual([
      expect.objectContaining({ scope: { domain: { name: service.emulator.settings()["domainName"] } } }),
      {
        identity: { methods: ["assume_role"], assume_role: { xrole_name: "audit", domain_name: "OTC2" } },
        scope: { project: { name: DELEGATED.name, domain: { name: "OTC2" } } },
      },
    ]);
  });

  it("goes on when both tokens were revoked meanwhile", async () => {
    const connection = connect(service.emulator.settings());
    await reach(connection);
    service.emulator.revokeTokens();

    expect(await reach(connection)).toBe(service.emulator.projectId(DELEGATED.name));
  });

  it.each([
    ["another name", { ...AGENCY, agencyName: "other" }, /403 .*that was agency "other" of domain "OTC2"/],
    ["another account", { ...AGENCY, agencyDomainName: "OTC3" }, /403 .*check agencyName, agencyDomainName/],
    [
      "a project of one's own",
      { ...AGENCY, delegatedProject: "eu-de_demo" },
      /401 .*the token was asked for project "eu-de_demo".*check agencyName/,
    ],
  ])("of %s fails, and says what to check", async (_, agency, message) => {
    const failure = await failureOf(reach(connect(service.emulator.settings(), agency)));

    expect(failure.message).toMatch(message);
    expect(service.emulator.journal.calls("cts")).toEqual([]);
  });

  it("without a project of its own needs one for each resource", async () => {
    const { delegatedProject: _, ...agency } = AGENCY;
    const connection = connect(service.emulator.settings(), agency);

    expect((await failureOf(connection.locate({}))).message).toMatch(/^delegatedProject is missing/);
    const { projectId } = await connection.locate({ projectName: DELEGATED.name });
    expect(projectId).toBe(service.emulator.projectId(DELEGATED.name));
  });
});

describe("a project that IAM does not open", () => {
  it("is named, and told from wrong credentials where these have signed in", async () => {
    const connection = connect(service.emulator.settings(), {});
    const askFor = (projectName: string) => connection.locate({ projectName });

    expect((await failureOf(askFor("eu-de_wrong"))).message).toMatch(
      /401 .*the token was asked for project "eu-de_wrong"/,
    );
    await askFor("eu-de_demo");
    expect((await failureOf(askFor("eu-de_wrong"))).message).toMatch(
      /the same credentials signed in for another project, so check this project's name or id/,
    );
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { cloudsSource } from "../../../client/config/cloudsYaml";
import { type ConnectionSettings, resolveSettings } from "../../../client/config/settings";
import { ConfigError } from "../../../client/errors";
import { OTC_EXTENSIONS, pythonEnv } from "../../support/pythonEnv";
import { propertyRuns } from "../../support/runs";
import { certificateFile } from "../../support/tlsFront";

const python = await pythonEnv(OTC_EXTENSIONS);
const dir = mkdtempSync(join(tmpdir(), "oracle-"));
afterAll(() => rmSync(dir, { recursive: true }));

/** The answer of openstacksdk for an entry; texts that are not there are null. */
interface Answer {
  readonly error?: string;
  readonly region: string;
  readonly authType: string;
  readonly authUrl: string | null;
  readonly user: string | null;
  readonly userDomain: string | null;
  readonly project: string | null;
  readonly projectDomain: string | null;
  readonly token: string | null;
  /** True if certificates are checked, or by which ones. */
  readonly verify: boolean | string;
}

const region = fc.constantFrom("eu-de", "eu-nl");
const url = fc.constantFrom(
  "https://iam.example.com/v3",
  "https://iam.{region_name}.otc.t-systems.com/v3",
  "https://own",
);
const word = (name: string) => fc.constantFrom(`${name}1`, `${name}2`);

/** Settings that may be beside `auth` or in it. */
const AUTH = {
  username: word("user"),
  user_id: word("id"),
  password: word("secret"),
  token: word("token"),
  auth_token: word("token"),
  user_domain_name: word("domain"),
  user_domain_id: word("did"),
  domain_name: word("domain"),
  domain_id: word("did"),
  project_name: word("project"),
  project_id: word("pid"),
  tenant_name: word("project"),
  tenant_id: word("pid"),
  project_domain_name: word("domain"),
};
const INSIDE = { ...AUTH, auth_url: url };
const usual = fc.record(
  {
    username: AUTH.username,
    password: AUTH.password,
    user_domain_name: AUTH.user_domain_name,
    project_name: AUTH.project_name,
    auth_url: url,
  },
  { requiredKeys: ["username", "password", "user_domain_name"] },
);
/** At most so many of the settings. */
const some = <T extends object>(settings: { [K in keyof T]: fc.Arbitrary<T[K]> }, maxLength: number) =>
  fc
    .tuple(fc.record(settings), fc.subarray(Object.keys(settings), { maxLength }))
    .map(([all, keys]) => Object.fromEntries(keys.map((key) => [key, all[key as keyof T]])));

const regions = fc.oneof(
  fc.array(region, { minLength: 1, maxLength: 2 }),
  fc.array(fc.record({ name: region, values: fc.record({ auth: some(INSIDE, 2) }) }), {
    minLength: 1,
    maxLength: 2,
  }),
);
const TOP = {
  profile: fc.constantFrom("otc", "otc", "otc-swiss", "elsewhere"),
  cloud: fc.constant("otc"),
  region_name: fc.oneof(
    region,
    region.map((name) => `${name},other`),
    fc.array(region, { minLength: 1, maxLength: 2 }),
  ),
  regions,
  auth_type: fc.constantFrom("password", "v3password", "token", "v3token", "v3totp", "none"),
  verify: fc.boolean(),
  insecure: fc.boolean(),
  cacert: fc.constantFrom(certificateFile("ca"), "~/no-such-ca.pem"),
};
const entry = fc
  .tuple(some(TOP, 3), some(AUTH, 2), fc.oneof({ weight: 3, arbitrary: usual }, some(INSIDE, 8)))
  .map(([top, others, inside]) => ({ ...others, ...top, auth: inside }));

/** Both spellings of a key mean the same to OpenStack's tools. */
const dashed = (settings: object): object =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      /^(user|project|tenant)_(domain_)?(name|id)$/.test(key) ? key.replaceAll("_", "-") : key,
      key === "auth" ? dashed(value) : value,
    ]),
  );

const aCase = fc
  .record({
    clouds: entry,
    secure: fc.option(fc.record({ auth: some(INSIDE, 2) }), { freq: 2 }),
    region: fc.option(region, { freq: 3 }),
    isDashed: fc.boolean(),
  })
  .map(({ clouds, secure, region: wanted, isDashed }) => ({
    clouds: isDashed ? dashed(clouds) : clouds,
    secure: isDashed && secure ? dashed(secure) : secure,
    region: wanted,
  }));

/** The settings in effect, in the words of the oracle. */
function effective({ region: name, authUrl, credentials, project, ca, insecure }: ConnectionSettings) {
  const user = credentials.kind === "password" ? credentials : undefined;
  const domain = user?.projectDomain ?? user?.domain;
  return {
    region: name,
    authUrl,
    user: user?.userId ?? user?.userName,
    userDomain: user?.domain.id ?? user?.domain.name,
    project: project.projectId ?? project.projectName,
    projectDomain: domain?.id ?? domain?.name,
    token: credentials.kind === "token" ? credentials.token : undefined,
    verify: insecure ? false : ca ? certificateFile("ca") : true,
  };
}

describe.skipIf(python === undefined)("cloudsSource", () => {
  it("means the same by a file as openstacksdk does, or refuses it and names the key", () => {
    const cases = fc.sample(aCase, { numRuns: propertyRuns(0.25), seed: 14 });
    const files = cases.map(({ clouds, secure, region: wanted }, i) => {
      const folder = join(dir, String(i));
      const paths = [join(folder, "clouds.yaml"), join(folder, "secure.yaml")] as const;
      execFileSync("mkdir", [folder]);
      writeFileSync(paths[0], JSON.stringify({ clouds: { c: clouds } }));
      if (secure) {
        writeFileSync(paths[1], JSON.stringify({ clouds: { c: secure } }));
      }
      return [paths[0], secure ? paths[1] : null, wanted] as const;
    });
    const script = join(__dirname, "cloudsYaml.oracle.py");
    const answers = JSON.parse(
      execFileSync(python ?? "", [script], {
        input: JSON.stringify(files),
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      }),
    ) as Answer[];

    let same = 0;
    for (const [i, { clouds, secure, region: wanted }] of cases.entries()) {
      const answer = answers[i] as Answer;
      if (answer.error !== undefined) {
        continue;
      }
      const context = JSON.stringify({ clouds, secure, wanted, answer });
      let ours: ConnectionSettings;
      try {
        const source = cloudsSource("c", {
          env: {},
          directories: [join(dir, String(i))],
          region: wanted ?? undefined,
        });
        // A source above it has chosen the region.
        const chosen = {
          name: "",
          find: (key: string) => (key === "region" && wanted ? { value: wanted, origin: "" } : undefined),
          nameOf: () => undefined,
        };
        ours = resolveSettings([chosen, source]);
      } catch (error) {
        if (!(error instanceof ConfigError)) {
          throw error;
        }
        expect(error.message, context).toMatch(
          /profile|auth_type|authUrl|userName|password|domainName|projectName|token|caCertFile|region/,
        );
        continue;
      }
      const found = effective(ours);
      expect.soft(found.region ?? "", context).toBe(answer.region);
      expect
        .soft(found.authUrl?.replace(/\/v3$/, ""), context)
        .toBe(withScheme(answer.authUrl)?.replace(/\/v3$/, ""));
      expect.soft(found.project, context).toBe(answer.project ?? undefined);
      expect
        .soft(found.verify, context)
        .toBe(typeof answer.verify === "string" ? answer.verify.replace(/^~/, homedir()) : answer.verify);
      if (found.token) {
        expect.soft(found.token, context).toBe(answer.token);
      } else {
        expect.soft(found.user, context).toBe(answer.user);
      }
      // Without a project, `domain_name` is another domain to openstacksdk. Every call of CTS is within a project.
      if (found.user && answer.project && answer.userDomain) {
        expect.soft(found.userDomain, context).toBe(answer.userDomain);
      }
      if (found.user && answer.project && answer.projectDomain) {
        expect.soft(found.projectDomain, context).toBe(answer.projectDomain);
      }
      same++;
    }
    // Files that are all refused would prove nothing.
    expect(same).toBeGreaterThan(cases.length / 4);
  }, 900_000);
});

/** openstacksdk 4.7.1 has the Swiss address without it. */
function withScheme(authUrl: string | null): string | undefined {
  return authUrl === null ? undefined : authUrl.replace(/^(?!https?:)/, "https://");
}

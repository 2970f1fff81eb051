import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { missing, type PasswordCredentials } from "../../../client/config/credentials";
import { resolveSettings, standardSources } from "../../../client/config/settings";
import { bridgedSource, environmentSource, pulumiSource, type Source } from "../../../client/config/sources";
import { ConfigError } from "../../../client/errors";
import { urlProblem } from "../../../client/http/urls";
import { propertyRuns } from "../../support/runs";
import { certificateFile } from "../../support/tlsFront";

const complete = {
  region: "eu-de",
  authUrl: "https://iam.eu-de.otc.t-systems.com/v3",
  userName: "alice",
  password: "pa55",
  domainName: "OTC1",
  projectName: "eu-de_demo",
};

const completeEnvironment = {
  OS_REGION_NAME: "eu-de",
  OS_USERNAME: "alice",
  OS_PASSWORD: "pa55",
  OS_DOMAIN_NAME: "OTC1",
};

/** A stack whose configuration has these keys. */
const stack = (settings: Record<string, string | undefined>) =>
  pulumiSource((key) => settings[key.replace(/^otc-cts:/, "")]);

/** The problem with the settings of a stack. */
function problemOf(settings: Record<string, string | undefined>, env: NodeJS.ProcessEnv = {}): string {
  try {
    resolveSettings([stack(settings), environmentSource(env)]);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error("The settings are taken");
}

describe("pulumiSource", () => {
  it("reads the namespace otc-cts", () => {
    const keys: string[] = [];
    pulumiSource((key) => {
      keys.push(key);
      return undefined;
    }).find("userName");
    expect(keys).toEqual(["otc-cts:userName"]);
  });
});

describe("environmentSource", () => {
  it.each([
    ["region", "OS_REGION_NAME"],
    ["authUrl", "OS_AUTH_URL"],
    ["userName", "OS_USERNAME"],
    ["password", "OS_PASSWORD"],
    ["domainName", "OS_DOMAIN_NAME"],
    ["domainName", "OS_USER_DOMAIN_NAME"],
    ["userId", "OS_USER_ID"],
    ["projectDomainName", "OS_PROJECT_DOMAIN_NAME"],
    ["domainId", "OS_DOMAIN_ID"],
    ["domainId", "OS_USER_DOMAIN_ID"],
    ["projectName", "OS_PROJECT_NAME"],
    ["projectName", "OS_TENANT_NAME"],
    ["projectId", "OS_PROJECT_ID"],
    ["projectId", "OS_TENANT_ID"],
    ["endpoint", "OS_CTS_ENDPOINT_OVERRIDE"],
    ["insecure", "OS_INSECURE"],
  ] as const)("takes %s from %s", (key, name) => {
    expect(environmentSource({ [name]: "x" }).find(key)?.value).toBe("x");
  });

  it("prefers the first name that has a value; an empty one has none", () => {
    expect(environmentSource({ OS_PROJECT_NAME: "a", OS_TENANT_NAME: "b" }).find("projectName")?.value).toBe(
      "a",
    );
    const domains = { OS_DOMAIN_NAME: "scope", OS_USER_DOMAIN_NAME: "user" };
    expect(environmentSource(domains).find("domainName")?.value).toBe("user");
    expect(environmentSource({ OS_PROJECT_NAME: " ", OS_TENANT_NAME: "b" }).find("projectName")?.value).toBe(
      "b",
    );
  });

  it("reads this process' environment where none is given", () => {
    process.env["OS_CTS_ENDPOINT_OVERRIDE"] = "https://cts.example.com";
    expect(environmentSource().find("endpoint")?.value).toBe("https://cts.example.com");
    delete process.env["OS_CTS_ENDPOINT_OVERRIDE"];
  });
});

describe("resolveSettings", () => {
  it("takes a whole stack configuration", () => {
    expect(resolveSettings([stack({ ...complete, endpoint: "https://cts.example.com" })])).toEqual({
      region: "eu-de",
      authUrl: "https://iam.eu-de.otc.t-systems.com/v3",
      endpoint: "https://cts.example.com",
      apiVersion: "v3",
      insecure: false,
      credentials: {
        userName: "alice",
        password: "pa55",
        domain: { name: "OTC1" },
        kind: "password",
        source: "Pulumi config (otc-cts:*)",
      },
      project: { projectName: "eu-de_demo" },
      warnings: [],
    });
  });

  it("takes a whole environment", () => {
    const env = {
      OS_REGION_NAME: "eu-nl",
      OS_USERNAME: "bob",
      OS_PASSWORD: "s",
      OS_USER_DOMAIN_NAME: "OTC2",
      OS_PROJECT_ID: "p",
    };
    expect(resolveSettings([stack({}), environmentSource(env)])).toEqual({
      region: "eu-nl",
      authUrl: "https://iam.eu-nl.otc.t-systems.com/v3",
      apiVersion: "v3",
      insecure: false,
      credentials: {
        kind: "password",
        userName: "bob",
        password: "s",
        domain: { name: "OTC2" },
        source: "environment",
      },
      project: { projectId: "p" },
      warnings: [],
    });
  });

  it("lets the first source win, setting by setting", () => {
    const env = { OS_REGION_NAME: "eu-nl", OS_CTS_API_VERSION: "v1" };
    const settings = resolveSettings([stack(complete), environmentSource(env)]);
    expect(settings).toMatchObject({ region: "eu-de", apiVersion: "v1" });
  });

  it("knows both versions of the API, and no other", () => {
    const environment = environmentSource({ OS_CTS_API_VERSION: "v1" });
    const apiVersion = (...sources: Source[]) => resolveSettings([stack(complete), ...sources]).apiVersion;
    expect(apiVersion(stack({ apiVersion: "v3" }), environment)).toBe("v3");
    expect(apiVersion(environment)).toBe("v1");
    expect(() => apiVersion(stack({ apiVersion: "v2.0" }))).toThrow(
      'apiVersion (config otc-cts:apiVersion) must be v3, or v1 for the legacy API v1.0, got "v2.0"',
    );
  });

  it("takes blanks for nothing, and none from around a value", () => {
    const env = { OS_REGION_NAME: " eu-nl\n" };
    const settings = resolveSettings([stack({ ...complete, region: " " }), environmentSource(env)]);
    expect(settings.region).toBe("eu-nl");
  });

  it("never mixes a user, a domain or a project from two sources", () => {
    const keys = ["userName", "password", "domainName", "domainId", "projectName", "projectId"] as const;
    const someOf = fc.subarray([...keys]);
    fc.assert(
      fc.property(fc.array(someOf, { minLength: 1, maxLength: 3 }), (held) => {
        const sources = held.map((names, i) =>
          stack({
            authUrl: complete.authUrl,
            ...Object.fromEntries(names.map((name) => [name, `${name} of ${i}`])),
          }),
        );
        const owner = (...group: (typeof keys)[number][]) =>
          held.findIndex((names) => group.some((name) => names.includes(name)));
        const wanted = (...group: (typeof keys)[number][]) =>
          group.map((name) =>
            held[owner(...group)]?.includes(name) ? `${name} of ${owner(...group)}` : undefined,
          );

        const outcome = () => resolveSettings(sources);

        const [userName, password] = wanted("userName", "password");
        const [domainName, domainId] = wanted("domainName", "domainId");
        const [projectName, projectId] = wanted("projectName", "projectId");
        if (!userName || !password || !(domainName || domainId)) {
          expect(outcome).toThrow(ConfigError);
          return;
        }
        const { project, ...rest } = outcome();
        const credentials = rest.credentials as PasswordCredentials;
        expect([credentials.userName, credentials.password]).toEqual([userName, password]);
        expect([credentials.domain.name, credentials.domain.id]).toEqual([domainName, domainId]);
        expect([project.projectName, project.projectId]).toEqual([projectName, projectId]);
      }),
      { numRuns: propertyRuns(0.2) },
    );
  });

  it.each([
    ["userName", "OS_USERNAME"],
    ["password", "OS_PASSWORD"],
    ["domainName", "OS_DOMAIN_NAME"],
  ])("says how to set %s where it is missing", (key, name) => {
    const problem = problemOf({ ...complete, [key]: undefined });
    expect(problem).toMatch(new RegExp(`^The connection to CTS is not set up:\\n {2}- ${key}.* is missing`));
    expect(problem).toContain(`pulumi config set ${key === "password" ? "--secret " : ""}otc-cts:${key}`);
    expect(problem).toContain(name);
  });

  it.each(["userName", "password"])("does not complete a user without %s from the next source", (key) => {
    const problem = problemOf({ ...complete, [key]: undefined }, { OS_USERNAME: "b", OS_PASSWORD: "s" });
    expect(problem).toContain(`${key} is missing`);
  });

  it("reports all mistakes together", () => {
    const problem = problemOf({ authUrl: "ftp://x", endpoint: "nonsense" });
    for (const key of ["authUrl", "endpoint", "userName", "password", "domainName or domainId"]) {
      expect(problem).toContain(`${key} `);
    }
    expect(problem.split("\n  - ")).toHaveLength(7);
  });

  it("lets the project be missing until one is needed", () => {
    expect(resolveSettings([stack({ ...complete, projectName: undefined })]).project).toEqual({});
  });

  it.each([
    ["https://iam.example.com", "https://iam.example.com/v3"],
    ["https://iam.example.com/", "https://iam.example.com/v3"],
    ["https://iam.example.com/v3", "https://iam.example.com/v3"],
    ["https://iam.example.com/v3//", "https://iam.example.com/v3"],
    ["https://iam.example.com/identity/v3/", "https://iam.example.com/identity/v3"],
    [" https://iam.example.com/v3 ", "https://iam.example.com/v3"],
  ])("makes of authUrl %j the base %s", (authUrl, expected) => {
    expect(resolveSettings([stack({ ...complete, authUrl })]).authUrl).toBe(expected);
  });

  it.each([
    ["https://iam.example.com/v3/auth/tokens", "https://iam.example.com/v3"],
    ["https://iam.example.com/identity/v3/auth/tokens/", "https://iam.example.com/identity/v3"],
  ])("takes authUrl %j for %s", (authUrl, expected) => {
    expect(resolveSettings([stack({ ...complete, authUrl })]).authUrl).toBe(expected);
  });

  it("refuses the address of another version of the identity API", () => {
    expect(problemOf({ ...complete, authUrl: "https://iam.example.com/v2.0" })).toContain(
      'authUrl (config otc-cts:authUrl or OS_AUTH_URL) must be that of API v3, not v2.0, got "https://iam.example.com/v2.0"',
    );
  });

  it.each([
    "https://cts.example.com/v1.0/%(project_id)s",
    "https://cts.example.com/v3/%(tenant_id)s",
    "https://cts.example.com/v3/$(project_id)s",
    "https://cts.example.com/v3/{project_id}",
    "https://cts.example.com/v3",
    "https://cts.example.com/v3/",
    "https://cts.example.com/v1.0",
  ])("takes the endpoint %s without version and project", (endpoint) => {
    expect(resolveSettings([stack({ ...complete, endpoint })]).endpoint).toBe("https://cts.example.com");
  });

  it("refuses an endpoint that names a project", () => {
    const endpoint = "https://cts.example.com/v3/0605767d5e000f5a2f6cc0166f2a0f5a";
    expect(problemOf({ ...complete, endpoint })).toContain(
      "must not hold a project: leave out /0605767d5e000f5a2f6cc0166f2a0f5a, and set projectId or projectName if it is meant",
    );
  });

  it("takes the slash from the end of an endpoint, and keeps {region}", () => {
    const endpoint = "https://cts.{region}.example.com/";
    expect(resolveSettings([stack({ ...complete, endpoint })]).endpoint).toBe(
      "https://cts.{region}.example.com",
    );
  });

  it.each([
    ["eu-de", "https://iam.eu-de.otc.t-systems.com/v3"],
    ["eu-nl", "https://iam.eu-nl.otc.t-systems.com/v3"],
  ])("knows the authUrl of %s", (region, expected) => {
    expect(resolveSettings([stack({ ...complete, region, authUrl: undefined })]).authUrl).toBe(expected);
  });

  it.each(["eu-ch2", undefined])("guesses no authUrl for region %s", (region) => {
    const problem = problemOf({ ...complete, region, authUrl: undefined });
    expect(problem).toMatch(/- (region or )?authUrl is missing: .*otc-cts:authUrl .*OS_AUTH_URL/);
    expect(problem.includes("for eu-ch2 it is https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3")).toBe(
      region === "eu-ch2",
    );
  });

  it.each([
    ["authUrl", "OS_AUTH_URL"],
    ["endpoint", "OS_CTS_ENDPOINT_OVERRIDE"],
  ])("names a malformed %s by key and variable, once, with what was given", (key, name) => {
    const problem = problemOf({ ...complete, [key]: "iam.example.com" });
    expect(problem).toBe(
      `The connection to CTS is not set up:\n  - ${key} (config otc-cts:${key} or ${name}) must be a URL such as https://iam.eu-de.otc.t-systems.com/v3, got "iam.example.com" from config otc-cts:${key}`,
    );
  });

  it.each(["https://alice:pa55@iam.example.com", "http://alice:pa55@iam.example.com", "alice:pa55@x:y"])(
    "does not repeat the password in %s",
    (authUrl) => {
      const problem = problemOf({ ...complete, password: "other", authUrl });
      expect(problem).toContain('got "***@');
      expect(problem).not.toContain("pa55");
    },
  );

  it.each(["authUrl", "endpoint"])("takes plain http for %s only to this machine", (key) => {
    const far = { ...complete, [key]: "http://example.com" };

    expect(problemOf(far)).toContain("must begin with https:// (http only to this machine)");
    expect(problemOf({ ...far, insecure: "no" })).toContain("must begin with https://");
    expect(problemOf({ ...far, insecure: "perhaps" })).toContain("must begin with https://");
    expect(resolveSettings([stack({ ...far, insecure: "true" })])).toHaveProperty(key);
    expect(resolveSettings([stack({ ...far, [key]: "http://127.0.0.1:80" })])).toHaveProperty(key);
  });
});

describe("urlProblem", () => {
  it.each([
    ["https://cts.example.com", undefined],
    ["http://localhost:4510", undefined],
    ["http://[::1]/v3", undefined],
    ["http://cts.example.com", "must begin with https:// (http only to this machine)"],
    ["http://localhost.example.com", "must begin with https:// (http only to this machine)"],
    ["ftp://localhost", "must begin with https://"],
    ["cts.example.com", "must be a URL such as https://iam.eu-de.otc.t-systems.com/v3"],
    ["https://a:b@cts.example.com", "must not hold a user or password"],
    ["https://a@cts.example.com", "must not hold a user or password"],
    ["https://cts.example.com/?a=b", "must not hold a query or fragment"],
    ["https://cts.example.com/#", "must not hold a query or fragment"],
  ])("of %s is %s", (url, expected) => {
    expect(urlProblem(url)).toBe(expected);
  });
});

describe("missing", () => {
  it("names every way to set any of several settings", () => {
    expect(missing("projectName", "projectId")).toBe(
      "projectName or projectId is missing: set it by `pulumi config set otc-cts:projectName eu-de_production` or `pulumi config set otc-cts:projectId 0605767d5e000f5a2f6cc0166f2a0f5a`, or OS_PROJECT_NAME or OS_TENANT_NAME or OS_PROJECT_ID or OS_TENANT_ID in the environment, or auth.project_name or auth.project_id in clouds.yaml",
    );
  });
});

describe("credentials", () => {
  const { userName: _1, password: _2, domainName: _3, ...place } = complete;

  it.each([
    ["a token", { token: "t" }, { kind: "token", token: "t" }],
    ["keys", { accessKey: "a", secretKey: "s" }, { kind: "keys", accessKey: "a", secretKey: "s" }],
    [
      "temporary keys",
      { accessKey: "a", secretKey: "s", securityToken: "t" },
      { kind: "keys", accessKey: "a", secretKey: "s", securityToken: "t" },
    ],
  ])("are %s", (_, given, expected) => {
    expect(resolveSettings([stack({ ...place, ...given })]).credentials).toEqual({
      ...expected,
      source: "Pulumi config (otc-cts:*)",
    });
  });

  it("of two kinds in one source are refused, and both are named", () => {
    const problem = problemOf({ ...complete, accessKey: "a", secretKey: "s" });
    expect(problem).toContain("more than one kind of credentials");
    expect(problem).toContain("config otc-cts:accessKey");
    expect(problem).toContain("config otc-cts:userName");
  });

  it.each([
    ["accessKey", { accessKey: "a" }, "secretKey is missing"],
    ["secretKey", { secretKey: "s" }, "accessKey is missing"],
    ["securityToken", { securityToken: "t" }, "secretKey is missing"],
    ["userName", { userName: "u", domainName: "d" }, "password is missing"],
  ])("of which only %s is there are refused, whatever the next source has", (key, given, expected) => {
    const problem = problemOf({ ...place, ...given }, { OS_TOKEN: "t" });
    expect(problem).toContain(expected);
    if (key !== "securityToken") {
      expect(problem).toContain(`its partner is from config otc-cts:${key}`);
    }
  });

  it("of several kinds are those that the bridged provider takes: token, keys, password", () => {
    const all = { userName: "u", password: "p", domainName: "d", accessKey: "a", secretKey: "s", token: "t" };
    const kindOf = (settings: Record<string, string>) =>
      resolveSettings([
        stack({ region: "eu-de" }),
        bridgedSource((key) => settings[key.replace("opentelekomcloud:", "")]),
      ]).credentials.kind;
    const { token: _t, ...withoutToken } = all;
    const { accessKey: _a, secretKey: _s, ...user } = withoutToken;

    expect(kindOf(all)).toBe("token");
    expect(kindOf(withoutToken)).toBe("keys");
    expect(kindOf(user)).toBe("password");
  });

  it.each([
    ["password", "password"],
    ["v3password", "password"],
    ["token", "token"],
    ["v3token", "token"],
  ])("of several kinds are those of authType %s: %s", (authType, kind) => {
    const settings = { ...complete, token: "t", authType };
    expect(resolveSettings([stack(settings)]).credentials.kind).toBe(kind);
  });

  it.each(["v3multifactor", "v3totp", "v3applicationcredential", "v3oidcpassword", "none", "constructor"])(
    "of auth_type %s are refused by name, whatever else is there",
    (authType) => {
      expect(problemOf({ ...complete, authType })).toContain(
        `auth_type ${authType} (config otc-cts:authType) is not supported; use password, `,
      );
      const env = { ...completeEnvironment, OS_AUTH_TYPE: authType };
      expect(problemOf({}, env)).toContain(`auth_type ${authType} (OS_AUTH_TYPE) is not supported`);
    },
  );

  it("with a passcode are refused by name", () => {
    expect(problemOf({}, { ...completeEnvironment, OS_PASSCODE: "123456" })).toMatch(
      /passcode \(OS_PASSCODE\) is not supported: sign in by/,
    );
    expect(problemOf({ ...complete, passcode: "123456" })).not.toContain("123456");
  });

  it("of a user by id need no domain", () => {
    const { userName: _u, domainName: _d, ...rest } = complete;
    expect(resolveSettings([stack({ ...rest, userId: "u1" })]).credentials).toMatchObject({
      userId: "u1",
      domain: {},
    });
  });

  it("of the stack go before those of the bridged provider, and these before the environment's", () => {
    const env = environmentSource({ OS_TOKEN: "of the environment" });
    const bridged = bridgedSource((key) => ({ "opentelekomcloud:token": "of the bridged" })[key]);

    const tokenOf = (...sources: Source[]) => {
      const { credentials } = resolveSettings([...sources, env]);
      return credentials.kind === "token" && credentials.token;
    };

    expect(tokenOf(stack({ token: "of the stack" }), bridged)).toBe("of the stack");
    expect(tokenOf(stack({}), bridged)).toBe("of the bridged");
    expect(tokenOf(stack({}))).toBe("of the environment");
  });
});

describe("an agency", () => {
  const agency = { agencyName: "audit", agencyDomainName: "OTC2", delegatedProject: "eu-de_audited" };

  it.each([
    ["the stack", (settings: object) => [stack({ ...complete, ...settings })]],
    [
      "the bridged provider's settings, with credentials from elsewhere",
      (settings: Record<string, string>) => [
        stack(complete),
        bridgedSource((key) => settings[key.replace("opentelekomcloud:", "")]),
      ],
    ],
    [
      "the environment",
      () => [
        stack(complete),
        environmentSource({
          OS_AGENCY_NAME: "audit",
          OS_AGENCY_DOMAIN_NAME: "OTC2",
          OS_DELEGATED_PROJECT: "eu-de_audited",
        }),
      ],
    ],
  ])("of %s is in effect, and its project replaces one's own", (_, sourcesOf) => {
    const { credentials, project } = resolveSettings(sourcesOf(agency));

    expect(credentials).toMatchObject({ agency: { name: "audit", domain: { name: "OTC2" } } });
    expect(project).toEqual({ projectName: "eu-de_audited" });
  });

  it.each([
    ["agencyName", { ...agency, agencyName: undefined }, /agencyName is missing: .*asks for an agency/],
    [
      "its domain",
      { ...agency, agencyDomainName: undefined },
      /agencyDomainName or agencyDomainId is missing/,
    ],
  ])("without %s is refused", (_, settings, problem) => {
    expect(problemOf({ ...complete, ...settings })).toMatch(problem);
  });

  it("cannot be used with keys", () => {
    const { userName: _u, password: _p, ...rest } = complete;
    expect(problemOf({ ...rest, ...agency, accessKey: "a", secretKey: "s" })).toContain(
      "agencyName (config otc-cts:agencyName) cannot be used with accessKey and secretKey",
    );
  });

  it("delegates a project by id, too", () => {
    const delegatedProject = "0605767d5e000f5a2f6cc0166f2a0f5a";
    const { project } = resolveSettings([stack({ ...complete, ...agency, delegatedProject })]);
    expect(project).toEqual({ projectId: delegatedProject });
  });
});

describe("standardSources", () => {
  const settingsIn = (text: string, env: NodeJS.ProcessEnv = {}) => {
    const dir = mkdtempSync(join(tmpdir(), "only-"));
    const file = join(dir, "clouds.yaml");
    writeFileSync(file, text);
    try {
      return resolveSettings(
        standardSources(() => undefined, { env: { OS_CLIENT_CONFIG_FILE: file, ...env } }),
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  };
  const CLOUD = "{ profile: otc, auth: { username: u, password: p, user_domain_name: d, project_name: x } }";

  it("takes the only cloud of a file where nothing says who signs in", () => {
    expect(settingsIn(`clouds: { one: ${CLOUD} }`)).toMatchObject({
      region: "eu-de",
      project: { projectName: "x" },
    });
  });

  it("takes no cloud that is not named where there are credentials", () => {
    const settings = settingsIn(`clouds: { one: ${CLOUD} }`, completeEnvironment);
    expect(settings).toMatchObject({ project: {}, credentials: { userName: "alice" } });
  });

  it("lists the clouds where there are several and none is named", () => {
    expect(() => settingsIn(`clouds: { one: ${CLOUD}, two: ${CLOUD} }`)).toThrow(
      /clouds.yaml has the clouds one, two: choose one by otc-cts:cloud or OS_CLOUD/,
    );
  });

  it("fills the region of a higher source into the cloud's templates", () => {
    expect(settingsIn(`clouds: { one: ${CLOUD} }`, { OS_REGION_NAME: "eu-nl" })).toMatchObject({
      region: "eu-nl",
      authUrl: "https://iam.eu-nl.otc.t-systems.com/v3",
    });
  });
});

describe("bridgedSource", () => {
  it.each([
    ["projectName", "tenantName"],
    ["projectId", "tenantId"],
    ["caCertFile", "cacertFile"],
    ["userName", "userName"],
  ] as const)("reads %s as opentelekomcloud:%s", (key, name) => {
    const source = bridgedSource((full) => (full === `opentelekomcloud:${name}` ? "x" : undefined));
    expect(source.find(key)).toEqual({ value: "x", origin: `config opentelekomcloud:${name}` });
  });
});

describe("insecure", () => {
  it.each(["true", "True", "yes", "YES", "1", " true "])("is on by %j", (insecure) => {
    expect(resolveSettings([stack({ ...complete, insecure })]).insecure).toBe(true);
    expect(resolveSettings([stack({ insecure }), environmentSource(completeEnvironment)]).insecure).toBe(
      true,
    );
    expect(
      resolveSettings([environmentSource({ ...completeEnvironment, OS_INSECURE: insecure })]),
    ).toHaveProperty("insecure", true);
  });

  it.each(["false", "False", "no", "NO", "0", "", undefined])("is off by %j", (insecure) => {
    expect(resolveSettings([stack({ ...complete, insecure })]).insecure).toBe(false);
  });

  it.each(["on", "10", "truely", "y"])("is not guessed from %j", (insecure) => {
    expect(problemOf({ ...complete, insecure })).toMatch(
      new RegExp(`\\n {2}- insecure must be true or false, got "${insecure}" from config otc-cts:insecure$`),
    );
    expect(problemOf({}, { ...completeEnvironment, OS_INSECURE: insecure })).toContain(
      `got "${insecure}" from OS_INSECURE`,
    );
  });
});

describe("caCertFile", () => {
  it("is refused where it, or what follows in it, is no certificate", () => {
    const dir = mkdtempSync(join(tmpdir(), "certificates-"));
    const good = readFileSync(certificateFile("ca"), "utf8");
    const problemWith = (text: string) => {
      const caCertFile = join(dir, "ca.pem");
      writeFileSync(caCertFile, text);
      return () => resolveSettings([stack({ ...complete, caCertFile })]);
    };
    const broken = good.replace(/.{20}\n-----END/, "\n-----END");

    expect(problemWith(broken)).toThrow(/holds no certificate in PEM form, or a broken one/);
    expect(problemWith(good.slice(0, 200))).toThrow(/or a broken one/);
    expect(problemWith(good + broken)).toThrow(/or a broken one/);
    expect(problemWith(`Company\n${good}Department\n${good}`)).not.toThrow();
    rmSync(dir, { recursive: true });
  });

  it("that cannot be read, or holds no certificate, is named with its origin", () => {
    expect(problemOf({ ...complete, caCertFile: "/no/such.pem" })).toMatch(
      /caCertFile \/no\/such.pem \(config otc-cts:caCertFile\) cannot be read: ENOENT/,
    );
    expect(problemOf({ ...complete, caCertFile: "package.json" })).toMatch(
      /holds no certificate in PEM form/,
    );
  });
});

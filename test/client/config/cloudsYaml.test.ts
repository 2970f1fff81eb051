import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cloudsSource } from "../../../client/config/cloudsYaml";
import { resolveSettings } from "../../../client/config/settings";
import type { Key } from "../../../client/config/sources";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "clouds-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(dir, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const CLOUDS = `clouds:
  production:
    region_name: eu-nl
    cts_endpoint_override: https://cts.example.com
    auth:
      auth_url: https://iam.example.com/v3
      username: alice
      project_name: eu-nl_production
      user_domain_name: OTC1
  keys:
    region_name: eu-de
    auth:
      ak: AK
      sk: SK
      project_id: "0123"
`;

describe("cloudsSource", () => {
  it("reads an entry, with what secure.yaml adds, and says file and line of each setting", () => {
    const clouds = write("clouds.yaml", CLOUDS);
    const secure = write("secure.yaml", "clouds:\n  production:\n    auth:\n      password: pa55\n");

    const source = cloudsSource("production", { env: {}, directories: [dir] });

    expect(source.find("password")).toEqual({ value: "pa55", origin: `${secure}, line 4 (auth.password)` });
    expect(source.find("userName")).toEqual({ value: "alice", origin: `${clouds}, line 7 (auth.username)` });
    expect(resolveSettings([source])).toMatchObject({
      region: "eu-nl",
      authUrl: "https://iam.example.com/v3",
      endpoint: "https://cts.example.com",
      credentials: { kind: "password", userName: "alice", password: "pa55", domain: { name: "OTC1" } },
      project: { projectName: "eu-nl_production" },
    });
  });

  it("reads keys", () => {
    write("clouds.yaml", CLOUDS);

    const { credentials, project } = resolveSettings([cloudsSource("keys", { env: {}, directories: [dir] })]);

    expect(credentials).toMatchObject({ kind: "keys", accessKey: "AK", secretKey: "SK" });
    expect(project).toEqual({ projectId: "0123" });
  });

  it("lets the spelling with hyphens win over files and regions, as openstacksdk does", () => {
    write(
      "clouds.yaml",
      `clouds:
  c:
    regions: [{ name: eu-de, values: { auth: { project_name: of-the-region, username: region } } }]
    auth: { project-name: hyphened, username: everywhere }
`,
    );
    const source = cloudsSource("c", { env: {}, directories: [dir] });
    expect(source.find("projectName")?.value).toBe("hyphened");
    expect(source.find("userName")?.value).toBe("region");
  });

  it.each([
    ["verify: false", "true"],
    ["verify: no", "true"],
    ["verify: true", "false"],
    ["insecure: yes", "yes"],
    ["insecure: false\n    verify: false", "true"],
    ["insecure: true\n    verify: true", "true"],
  ])("takes %j as OpenStack's tools do: insecure is %s", (line, value) => {
    write("clouds.yaml", `clouds:\n  c:\n    ${line}\n`);
    expect(cloudsSource("c", { env: {}, directories: [dir] }).find("insecure")?.value).toBe(value);
  });

  describe("YAML as people write it", () => {
    const find = (cloud: string, key: Key) =>
      cloudsSource(cloud, { env: {}, directories: [dir] }).find(key)?.value;

    it("follows anchors and merge keys", () => {
      write(
        "clouds.yaml",
        `common: &common
  region_name: eu-de
  cacert: /common.pem
  auth: &auth { username: alice, project_name: common }
other: &other { cacert: /other.pem, cts_api_version: v1 }
clouds:
  whole: *common
  merged: { <<: *common, region_name: eu-nl, auth: { <<: *auth, project_name: own } }
  several: { <<: [*common, *other] }
  alias: { auth: *auth, region_name: &region eu-ch2 }
  value: { region_name: *region }
  loop: &loop { <<: *loop, region_name: eu-de }
`,
      );
      expect(find("whole", "userName")).toBe("alice");
      expect(find("merged", "region")).toBe("eu-nl");
      expect(find("merged", "caCertFile")).toBe("/common.pem");
      expect(find("merged", "userName")).toBe("alice");
      expect(find("merged", "projectName")).toBe("own");
      expect(find("several", "caCertFile")).toBe("/common.pem");
      expect(find("several", "apiVersion")).toBe("v1");
      expect(find("alias", "userName")).toBe("alice");
      expect(find("value", "region")).toBe("eu-ch2");
      expect(find("loop", "region")).toBe("eu-de");
      expect(find("loop", "userName")).toBeUndefined();
    });

    it("merges clouds themselves, and offers no merge key as a cloud", () => {
      const path = write(
        "clouds.yaml",
        "all: &all { a: { region_name: eu-de } }\nclouds: { <<: *all, b: {} }\n",
      );
      expect(find("a", "region")).toBe("eu-de");
      expect(() => find("c", "region")).toThrow(`${path} has no cloud "c", only b, a:`);
    });

    it("names the line of an alias to nothing", () => {
      const path = write("clouds.yaml", "clouds:\n  c:\n    auth: *gone\n");
      expect(() => find("c", "userName")).toThrow(
        `${path}, line 3: nothing has the name that *gone refers to`,
      );
    });

    it("keeps ids and passwords that look like numbers as they are written", () => {
      write(
        "clouds.yaml",
        "clouds:\n  c: { auth: { project_id: 0605767e5, password: 007, username: 1_0, token: 0x1F } }\n",
      );
      expect(find("c", "projectId")).toBe("0605767e5");
      expect(find("c", "password")).toBe("007");
      expect(find("c", "userName")).toBe("1_0");
      expect(find("c", "token")).toBe("0x1F");
    });

    it.each(["", "~", "null", "Null"])("takes %j for nothing, unless it is quoted", (nothing) => {
      write("clouds.yaml", `clouds:\n  c: { auth: { username: ${nothing}, password: "null" } }\n`);
      expect(find("c", "userName")).toBeUndefined();
      expect(find("c", "password")).toBe("null");
    });
  });

  it("names the line of a verify that is neither true nor false", () => {
    const path = write("clouds.yaml", "clouds:\n  c:\n    verify: perhaps\n");
    expect(() => resolveSettings([cloudsSource("c", { env: {}, directories: [dir] })])).toThrow(
      `insecure must be true or false, got "perhaps" from ${path}, line 3 (verify)`,
    );
  });

  it("takes the first file of the directories, and before them the one that the environment names", () => {
    write("one/clouds.yml", "clouds:\n  c: { region_name: first }\n");
    write("two/clouds.yaml", "clouds:\n  c: { region_name: second }\n");
    const named = write("elsewhere.yaml", "clouds:\n  c: { region_name: named }\n");
    const directories = [join(dir, "none"), join(dir, "one"), join(dir, "two")];

    const regionFrom = (env: NodeJS.ProcessEnv) =>
      cloudsSource("c", { env, directories }).find("region")?.value;

    expect(regionFrom({})).toBe("first");
    expect(regionFrom({ OS_CLIENT_CONFIG_FILE: named })).toBe("named");
  });

  describe("as openstacksdk reads it", () => {
    const source = (text: string, region?: string) => {
      write("clouds.yaml", text);
      return cloudsSource("c", { env: {}, directories: [dir], region });
    };
    const find = (text: string, key: Key, region?: string) => source(text, region).find(key)?.value;

    it.each([
      ["profile: otc", undefined, "eu-de", "https://iam.eu-de.otc.t-systems.com/v3"],
      ["profile: otc", "eu-nl", "eu-nl", "https://iam.eu-nl.otc.t-systems.com/v3"],
      ["cloud: otc, region_name: eu-nl", undefined, "eu-nl", "https://iam.eu-nl.otc.t-systems.com/v3"],
      ["profile: otc-swiss", undefined, "eu-ch2", "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3"],
      ["profile: otc, auth: { auth_url: https://own }", undefined, "eu-de", "https://own"],
      ["regions: [eu-de, eu-nl], profile: otc", undefined, "eu-de", "https://iam.eu-de.otc.t-systems.com/v3"],
      ["regions: [eu-nl, eu-de]", undefined, "eu-nl", undefined],
      ["region_name: 'eu-nl,eu-de'", undefined, "eu-nl", undefined],
      ["region_name: [eu-nl, eu-de]", undefined, "eu-nl", undefined],
      [
        "region-name: eu-nl, auth: { auth-url: 'https://iam.{region_name}.example.com' }",
        undefined,
        "eu-nl",
        "https://iam.eu-nl.example.com",
      ],
      [
        "regions: [{ name: a, values: { auth: { auth_url: https://a } } }, { name: b }], auth: { auth_url: https://b }",
        undefined,
        "a",
        "https://a",
      ],
      [
        "regions: [{ name: a, values: { auth: { auth_url: https://a } } }, { name: b }], auth: { auth_url: https://b }",
        "b",
        "b",
        "https://b",
      ],
    ])("makes of { %s } with region %s: region %s, authUrl %s", (entry, wanted, region, authUrl) => {
      const read = source(`clouds: { c: { ${entry} } }`, wanted);
      expect(read.find("region")?.value).toBe(region);
      expect(read.find("authUrl")?.value).toBe(authUrl);
    });

    it.each([
      ["userName", "username: top", "top"],
      ["userName", "username: top, auth: { username: inside }", "inside"],
      ["password", "password: top, auth: { password: inside }", "inside"],
      ["authUrl", "auth_url: https://top, auth: { auth_url: https://inside }", "https://inside"],
      ["userId", "auth: { user_id: u1 }", "u1"],
      ["projectName", "project_name: top, auth: { project_name: inside }", "top"],
      ["projectName", "auth: { project_name: project, tenant_name: tenant }", "project"],
      ["projectName", "tenant_name: top, auth: { project_name: project }", "project"],
      ["projectId", "auth: { tenant-id: t1 }", "t1"],
      ["domainName", "user_domain_name: top, auth: { user_domain_name: inside }", "top"],
      ["domainName", "auth: { domain_name: domain, user_domain_name: user }", "user"],
      ["token", "auth_token: t", "t"],
      ["accessKey", "access_key: AK", "AK"],
    ] as const)("finds %s in { %s }", (key, entry, value) => {
      expect(find(`clouds: { c: { ${entry} } }`, key)).toBe(value);
    });

    it("takes settings beside auth from secure.yaml, too", () => {
      write("secure.yaml", "clouds: { c: { password: pa55 } }\n");
      expect(find("clouds: { c: { auth: { username: alice } } }", "password")).toBe("pa55");
    });

    it("refuses a profile that is not known, and a template without a region, by name and line", () => {
      expect(() => source("clouds:\n  c:\n    profile: vexxhost\n")).toThrow(
        /profile "vexxhost" \(\S+clouds.yaml, line 3 \(profile\)\) is not known: use otc or otc-swiss/,
      );
      expect(() => source("clouds: { c: { auth: { auth_url: 'https://{region_name}' } } }")).toThrow(
        /needs a region such as eu-de/,
      );
      expect(() => source("clouds: { c: { auth: { auth_url: 'https://{region_name}' } } }", "a.b")).toThrow(
        /needs a region such as eu-de/,
      );
    });

    it("looks where XDG says, and for JSON", () => {
      const directory = (env: NodeJS.ProcessEnv) => cloudsSource("c", { env }).find("region")?.value;
      write("xdg/openstack/clouds.json", '{"clouds": {"c": {"region_name": "xdg"}}}');
      write("etc/openstack/clouds.yml", "clouds: { c: { region_name: etc } }");
      expect(directory({ XDG_CONFIG_HOME: join(dir, "xdg"), XDG_CONFIG_DIRS: join(dir, "etc") })).toBe("xdg");
      expect(directory({ SNAP_REAL_HOME: dir, XDG_CONFIG_DIRS: `${dir}:${join(dir, "etc")}` })).toBe("etc");
    });
  });

  describe("secure.yaml", () => {
    const PASSWORD = "clouds: { c: { auth: { password: pa55 } } }\n";
    const CLOUD = "clouds: { c: { auth: { username: alice } } }\n";
    const passwordBy = (env: NodeJS.ProcessEnv) => {
      const source = cloudsSource("c", { env, directories: [join(dir, "one"), join(dir, "two")] });
      return { password: source.find("password")?.value, warnings: source.warnings ?? [] };
    };

    it("counts beside the clouds.yaml that is used, and in no other directory", () => {
      const clouds = write("one/clouds.yaml", CLOUD);
      const elsewhere = write("two/secure.yaml", PASSWORD);
      const warning = `${elsewhere} is not used, because it does not belong to ${clouds}: `;

      expect(passwordBy({})).toEqual({
        password: undefined,
        warnings: [`${warning}put it beside that file if it is meant for it`],
      });
      expect(passwordBy({ OS_CLIENT_SECURE_FILE: elsewhere })).toEqual({
        password: undefined,
        warnings: [
          `${warning}name both by OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE, or put them into one directory`,
        ],
      });
      write("one/secure.yaml", "clouds: { c: { auth: { password: own } } }\n");
      expect(passwordBy({})).toEqual({ password: "own", warnings: [] });
    });

    it("counts wherever it is where the environment names both files", () => {
      const env = {
        OS_CLIENT_CONFIG_FILE: write("three/a.yaml", CLOUD),
        OS_CLIENT_SECURE_FILE: write("four/b.yaml", PASSWORD),
      };
      expect(passwordBy(env)).toEqual({ password: "pa55", warnings: [] });
    });

    it.each([
      ["has other clouds", "clouds: { d: { auth: { password: pa55 } } }\n"],
      ["cannot be read", "clouds: [\n"],
    ])("is not spoken of where one elsewhere %s", (_, text) => {
      write("one/clouds.yaml", CLOUD);
      write("two/secure.yaml", text);
      expect(passwordBy({})).toEqual({ password: undefined, warnings: [] });
    });
  });

  it("names the line of a key that is given twice", () => {
    const path = write("clouds.yaml", "clouds:\n  c:\n    region_name: eu-de\n    region_name: eu-nl\n");
    expect(() => cloudsSource("c", { env: {}, directories: [dir] }).find("region")).toThrow(
      `${path}, line 4: region_name is given twice: keep one of them`,
    );
  });

  it("names file and line of YAML that cannot be read, and repeats nothing of it", () => {
    const path = write("clouds.yaml", "clouds:\n  c:\n    auth:\n      password: 'pa55\n");

    const read = () => cloudsSource("c", { env: {}, directories: [dir] });

    expect(read).toThrow(new RegExp(`^${path}, line \\d: not valid YAML`));
    expect(read).not.toThrow(/pa55/);
  });

  it("names the clouds there are where the one asked for is unknown", () => {
    const path = write("clouds.yaml", CLOUDS);

    expect(() => cloudsSource("staging", { env: {}, directories: [dir] })).toThrow(
      `${path} has no cloud "staging", only production, keys: check otc-cts:cloud or OS_CLOUD`,
    );
  });

  it("says where it has looked where there is no file", () => {
    expect(() => cloudsSource("c", { env: {}, directories: [dir] })).toThrow(`no clouds.yaml in ${dir}`);
    const env = { OS_CLIENT_CONFIG_FILE: join(dir, "gone.yaml") };
    expect(() => cloudsSource("c", { env, directories: [dir] })).toThrow(/gone.yaml does not exist/);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Package {
  version?: string;
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

describe("package-lock.json", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const packages = Object.entries<Package>(lock.packages);

  // `npm ci` refuses a lock file that leaves out the binaries of other platforms, and npm leaves out those that the
  // registry in use does not carry.
  it("names the optional dependencies of every platform", () => {
    const optional = packages.flatMap(([, each]) => Object.keys(each.optionalDependencies ?? {}));
    const named = new Set(packages.map(([path]) => path.replace(/^.*node_modules\//, "")));

    expect(optional.filter((name) => !named.has(name))).toEqual([]);
  });

  it("ties no package to the registry it was installed from", () => {
    const hosts = packages.filter(([, each]) => !each.link && /^\w+:/.test(each.resolved ?? ""));

    expect(hosts).toEqual([]);
  });
});

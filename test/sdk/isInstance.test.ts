import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type * as cts from "pulumi-otc-cts";
import { beforeAll, describe, expect, it } from "vitest";

const require = createRequire(__filename);

/** A copy of the package with classes of its own, as npm installs one where two versions are asked for. */
function load(): typeof cts {
  for (const file of Object.keys(require.cache).filter((name) => name.includes("/dist/sdk/"))) {
    delete require.cache[file];
  }
  return require("pulumi-otc-cts");
}

const KINDS = ["Tracker", "KeyEventNotification", "AuditBaseline"] as const;

/** One resource of each kind. */
function make(by: typeof cts, name: string): Record<(typeof KINDS)[number], pulumi.Resource> {
  return {
    Tracker: new by.Tracker(name),
    KeyEventNotification: new by.KeyEventNotification(name, {
      notificationName: name,
      topicName: "security",
    }),
    AuditBaseline: new by.AuditBaseline(name, { places: [{}], topicName: "security" }),
  };
}

describe("isInstance", () => {
  const [one, other] = [load(), load()];
  let made: ReturnType<typeof make>[];
  beforeAll(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: ({ inputs }) => inputs,
    });
    made = [make(one, "one"), make(other, "other")];
  });

  it.each(KINDS)("tells a %s from everything else, whichever copy made it", (kind) => {
    expect(other[kind]).not.toBe(one[kind]);
    for (const resources of made) {
      const told = Object.entries(resources).filter(([, resource]) => one[kind].isInstance(resource));
      expect(told.map(([name]) => name)).toEqual([kind]);
    }
  });

  it.each(KINDS)("says no to what is no resource, and does not throw: %s", (kind) => {
    const type = Reflect.get(made[0]?.[kind] ?? {}, "__pulumiType");
    expect(type).toMatch(/otc-cts/);
    const others = [
      undefined,
      null,
      0,
      "",
      type,
      {},
      { __pulumiType: type },
      one[kind],
      pulumi.output(made[0]?.[kind]),
      Promise.resolve(made[0]?.[kind]),
      new pulumi.ComponentResource("otc-cts:index:Other", "component"),
    ];

    expect(others.filter((value) => one[kind].isInstance(value))).toEqual([]);
  });
});

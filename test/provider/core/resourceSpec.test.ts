import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, expectTypeOf, it } from "vitest";
import { type OutputOf, undefinedOutputs } from "../../../provider/core/resourceSpec";
import { keyEventNotificationSpec } from "../../../provider/keyEventNotification/spec";
import { trackerSpec } from "../../../provider/tracker/spec";
import type { KeyEventNotification, Tracker } from "../../../sdk";

type PropertiesOf<Resource extends pulumi.CustomResource> = Exclude<
  keyof Resource,
  keyof pulumi.CustomResource
>;

describe("the spec of a resource", () => {
  // The compiler checks this.
  it("names the properties that the class of a program has, no more and no fewer", () => {
    expectTypeOf<OutputOf<typeof trackerSpec>>().toEqualTypeOf<PropertiesOf<Tracker>>();
    expectTypeOf<OutputOf<typeof keyEventNotificationSpec>>().toEqualTypeOf<
      PropertiesOf<KeyEventNotification>
    >();
  });

  it.each([trackerSpec, keyEventNotificationSpec])("lists its outputs: $kind", (spec) => {
    const outputs = Object.keys(undefinedOutputs(spec));
    expect(outputs).toEqual(expect.arrayContaining([...spec.computedOutputs, "region", "projectId"]));
    expect(outputs).not.toContain("topicName");
    for (const output of [...spec.stableOutputs, ...spec.secretOutputs]) {
      expect(spec.computedOutputs).toContain(output);
    }
  });
});

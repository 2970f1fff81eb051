import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckFailedError, InputError } from "../../../drift/drifted";
import { readInput } from "../../../drift/input/readInput";
import { sample } from "../../support/drift";
import { propertyRuns } from "../../support/runs";

const lines = (name: string) => sample(name).trim().split("\n");
const changed = { path: "size", old: 1, new: 9, secret: false };
const names = (input: ReturnType<typeof readInput>) =>
  input.drifted.map(({ urn, kind, changes }) => [urn.split("::").at(-1), kind, changes]);

describe("readInput: Pulumi's events", () => {
  it("finds the drifted and the vanished resource of a refresh, and leaves out components", () => {
    const check = readInput(sample("refresh-preview-only.events.jsonl"));

    expect(names(check)).toEqual([
      ["gone", "gone", []],
      ["drifted", "changed", [changed]],
    ]);
    expect(check.checked.map(({ urn }) => urn.split("::").at(-1))).toEqual(["gone", "drifted", "same"]);
    expect(check).toMatchObject({ stack: "dev", at: 1795632061000 });
  });

  it("takes the look at the cloud of a preview that refreshes, not what the program wants", () => {
    const check = readInput(sample("preview-refresh.events.jsonl"));

    expect(names(check)).toEqual([["drifted", "changed", [{ ...changed, new: 4 }]]]);
  });

  it("tells a change that is in a secret, as far as it can be told", () => {
    const events = lines("refresh-preview-only-secret.events.jsonl").map((line) =>
      line.replaceAll('"size": 4', '"size": 1'),
    );

    expect(names(readInput(events.join("\n")))).toEqual([
      ["drifted", "changed", [{ path: "desc", secret: true }]],
    ]);
  });

  it("takes the paths of a detailed diff, with their values", () => {
    const events = lines("refresh-preview-only.events.jsonl").map((line) =>
      line.includes('"op": "update"')
        ? line.replace('"detailedDiff": null', '"detailedDiff": {"size": {"diffKind": "update"}}')
        : line,
    );

    expect(names(readInput(events.join("\n")))).toContainEqual(["drifted", "changed", [changed]]);
  });

  it("takes events as the Automation API hands them on, a JSON array, and what PowerShell redirects", () => {
    const events = lines("refresh-preview-only.events.jsonl");
    const parsed = events.map((line) => JSON.parse(line) as unknown);
    const text = events.join("\r\n");

    for (const input of [
      parsed,
      JSON.stringify(parsed),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, "utf16le"),
    ]) {
      expect(readInput(input).drifted).toHaveLength(2);
    }
  });

  const cut = lines("refresh-preview-only.events.jsonl");
  const diagnostic =
    '{"sequence":90,"timestamp":1,"diagnosticEvent":{"severity":"error","message":"<{%fg 1%}>no credentials"}}';
  it.each([
    [
      "cut off before the summary",
      cut.filter((line) => !line.includes("summaryEvent")),
      /end before the run has/,
    ],
    ["that is cut off within a line", [...cut.slice(0, 5), cut[5]?.slice(0, 40)], /Line 6 .* not JSON/],
    ["with one event only", cut.slice(0, 1), /end before the run has/],
    ["with an error", [...cut, diagnostic], /no credentials/],
    [
      "that failed",
      cut.map((line) => line.replace('"result": "succeeded"', '"result": "failed"')),
      /result is failed/,
    ],
    [
      "that may be corrupt",
      cut.map((line) => line.replace('"maybeCorrupt": false', '"maybeCorrupt": true')),
      /corrupt/,
    ],
    ["of two runs", [...cut, ...cut], /several runs/],
    [
      "of a run that did not refresh",
      cut.map((line) => line.replace('"op": "refresh"', '"op": "same"')),
      /did not look at the cloud/,
    ],
    [
      "that lost a resource",
      cut.filter((line) => !/resOutputsEvent.*"op": "update"/.test(line)),
      /did not say how it found/,
    ],
  ])("refuses events %s", (_, events, message) => {
    expect(() => readInput(events.join("\n"))).toThrow(message);
  });
});

describe("readInput: Pulumi's digest", () => {
  const digest = () =>
    JSON.parse(sample("refresh-preview-only.digest.json")) as {
      steps: { op: string; detailedDiff: unknown; newState: { outputs: object } }[];
      changeSummary: Record<string, number>;
    };

  it("refuses one that hides the drift of a dynamic resource, and says what to give instead", () => {
    expect(() => readInput(JSON.stringify(digest()))).toThrow(
      /hides drift: .* PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true/,
    );
  });

  it("reads one that shows all that it counts", () => {
    const full = digest();
    const step = full.steps.at(-1);
    Object.assign(step ?? {}, { op: "update", detailedDiff: { size: { kind: "update" } } });
    Object.assign(step?.newState.outputs ?? {}, { size: 9 });

    expect(names(readInput(JSON.stringify(full)))).toEqual([
      ["gone", "gone", []],
      ["drifted", "changed", [changed]],
    ]);
  });

  it.each([
    ["of a preview", sample("preview-refresh.digest.json"), /look alike/],
    ["without counts", JSON.stringify({ ...digest(), changeSummary: undefined }), /no changeSummary/],
    ["without steps", JSON.stringify({ changeSummary: { same: 3 }, duration: 1 }), /no steps/],
    [
      "with an error",
      JSON.stringify({ ...digest(), diagnostics: [{ severity: "error", message: "no" }] }),
      /run failed/,
    ],
  ])("refuses one %s", (_, text, message) => {
    expect(() => readInput(text)).toThrow(message);
  });
});

describe("readInput: plans", () => {
  const change = {
    actions: ["update"],
    before: { id: "i", name: "a", tags: { a: "1" } },
    after: { id: "i", name: "b", tags: { a: "1" } },
  };
  const drift = (fields: object = {}) => ({
    address: "x.y",
    mode: "managed",
    type: "opentelekomcloud_vpc_v1",
    change: { ...change, ...fields },
  });
  const plan = (fields: object = {}) =>
    JSON.stringify({
      format_version: "1.2",
      planned_values: {},
      resource_changes: [{ address: "x.z", type: "t" }],
      ...fields,
    });

  it("reads the drift of Terraform and OpenTofu", () => {
    const check = readInput(
      plan({
        resource_drift: [drift(), drift({ after: null, actions: ["delete"] }), { ...drift(), mode: "data" }],
      }),
    );

    expect(check.drifted.map(({ id, kind, changes }) => [id, kind, changes])).toEqual([
      ["i", "changed", [{ path: "name", old: "a", new: "b", secret: false }]],
      ["i", "gone", []],
    ]);
    expect(check.checked).toHaveLength(2);
  });

  it("reads that nothing drifted, where the plan says so", () => {
    expect(readInput(plan({ resource_drift: [] })).drifted).toEqual([]);
  });

  it.each([[{ name: true }], [true]])("hides what is sensitive: %j", (mask) => {
    const check = readInput(plan({ resource_drift: [drift({ after_sensitive: mask })] }));

    expect(check.drifted[0]?.changes).toEqual([{ path: "name", secret: true }]);
  });

  it.each([
    ["without resource_drift", plan(), /no resource_drift/],
    ["of another format", plan({ format_version: "2.0", resource_drift: [] }), /format 2\.0/],
    ["that failed", plan({ errored: true, resource_drift: [] }), /errored/],
    ["whose drift has no change", plan({ resource_drift: [{ address: "x.y" }] }), /x\.y has no change/],
    ["of a state", JSON.stringify({ format_version: "1.0", values: {} }), /state of Terraform/],
    [
      "that is a state file",
      JSON.stringify({ version: 4, terraform_version: "1.9.0", serial: 1 }),
      /state of Terraform/,
    ],
  ])("refuses one %s", (_, text, message) => {
    expect(() => readInput(text)).toThrow(message);
  });
});

describe("readInput", () => {
  it.each([
    ["nothing", "", /empty/],
    ["blanks", " \n\t", /empty/],
    ["no JSON", "Previewing update (dev):", /not JSON/],
    ["a number", "7", /no object/],
    ["null", "null", /no object/],
    ["another object", "{}", /another kind/],
    ["an empty list", "[]", /not of Pulumi's events/],
    ["a stack's state", sample("stack-export.json"), /--state/],
    ["a summary", '{"result":"succeeded","duration":1,"summary":{"same":3}}', /only counts/],
    ["a plan file", "PK\u0003\u0004\u0000", /terraform show -json/],
    [
      "a log of a plan",
      '{"@level":"info"}\n{"@level":"info","type":"resource_drift"}',
      /terraform show -json/,
    ],
  ])("refuses %s in one sentence", (_, text, message) => {
    expect(() => readInput(text)).toThrow(InputError);
    expect(() => readInput(text)).toThrow(message);
  });

  it("quotes nothing of what it cannot read", () => {
    const secret = '{"password": "hunter2" hunter2}';
    expect(() => readInput(secret)).not.toThrow(/hunter2/);
    expect(() => readInput(secret)).toThrow(InputError);
  });

  it("keeps the lines of Pulumi's own error, and none of them looks like another's", () => {
    const message = "<{%fg 1%}>error: one\n\n\ttwo\r\n::error::three\x1b[2J\n<{%reset%}>";
    const event = { sequence: 0, timestamp: 1, diagnosticEvent: { severity: "error", message } };

    expect(() => readInput(JSON.stringify(event))).toThrow(
      new CheckFailedError(
        "Pulumi's run failed, so that nobody knows what drifted",
        "error: one\n    two\n::error::three\x1b[2J",
      ),
    );
    expect(() => readInput(JSON.stringify(event))).toThrow(
      /drifted:\n {2}\| error: one\n {2}\| {5}two\n {2}\| ::error::three␛\[2J$/,
    );
  });
});

describe("CheckFailedError", () => {
  it("has no line but the first that is not marked as quoted, and no character that a terminal obeys", () => {
    const said = fc.string({
      unit: fc.oneof(fc.constantFrom("\n", "\r", "\t", " ", "::", "\x1b"), fc.string()),
    });
    fc.assert(
      fc.property(said, (text) => {
        const [, ...rest] = new CheckFailedError("it failed", text).message.split("\n");

        expect(rest.filter((line) => !/^ {2}\| \s*\S/.test(line))).toEqual([]);
        expect(rest.join("")).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: propertyRuns() },
    );
  });
});

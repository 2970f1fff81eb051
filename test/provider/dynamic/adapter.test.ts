import { beforeEach, describe, expect, it } from "vitest";
import { CtsError } from "../../../client/errors";
import {
  type Checked,
  type ManagedResource,
  PartialError,
  type Preflight,
} from "../../../provider/core/managedResource";
import type { ResourceSpec } from "../../../provider/core/resourceSpec";
import { UNKNOWN } from "../../../provider/core/unknown";
import { toDynamicProvider } from "../../../provider/dynamic/adapter";
import { UNKNOWN_ON_THE_WIRE } from "../../../provider/dynamic/secrets";

interface Page {
  title?: string;
  author?: { name?: string; unset?: undefined };
}

/** A kind of resource that is kept in this process: what the adapter hands over, and gives back, is all there is. */
class PageResource implements ManagedResource<Page, Page> {
  readonly spec = {
    kind: "Page",
    arguments: {},
    inputOnly: [],
    computedOutputs: [],
    stableOutputs: [],
    secretOutputs: [],
    deleteBeforeReplace: true,
  } satisfies ResourceSpec;
  readonly calls: unknown[][] = [];
  checked: Checked<Page> | undefined;
  judged: Preflight = { problems: [] };
  failure: unknown;
  stored: { id: string; inputs: Page; state: Page } | undefined;

  async check(args: unknown, olds: Page | undefined, owner: string | undefined) {
    this.#called("check", args, olds, owner);
    return this.checked ?? { inputs: args as Page, problems: [] };
  }
  async preflight(inputs: Page, owner: string | undefined) {
    this.#called("preflight", inputs, owner);
    return this.judged;
  }
  remember(id: string, state: Page) {
    this.#called("remember", id, state);
  }
  diff(_id: string, state: Page, inputs: Page) {
    return state.title === inputs.title ? [] : [{ path: "title", from: state.title, to: inputs.title }];
  }
  async create(inputs: Page, owner: string | undefined) {
    this.#called("create", inputs, owner);
    return { id: "p1", state: inputs };
  }
  async read(id: string, state: Partial<Page> | undefined) {
    this.#called("read", id, state);
    return this.stored;
  }
  async update(id: string, state: Page, inputs: Page) {
    this.#called("update", id, state, inputs);
    return inputs;
  }
  async delete(id: string, state: Page) {
    this.#called("delete", id, state);
  }

  #called(...call: unknown[]) {
    this.calls.push(call);
    if (this.failure !== undefined && call[0] !== "remember") {
      throw this.failure;
    }
  }
}

const HIDDEN = { __provider: "code", __urn: "urn:page" };
let page: PageResource;
let provider: ReturnType<typeof toDynamicProvider>;
beforeEach(() => {
  page = new PageResource();
  provider = toDynamicProvider(page);
});
const failureOf = (work: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );

describe("values between engine and resource", () => {
  it("are unknown on both sides in the form of each", async () => {
    const news = { ...HIDDEN, title: UNKNOWN_ON_THE_WIRE, author: { name: UNKNOWN_ON_THE_WIRE } };
    const { inputs } = await provider.check({}, news);

    expect(page.calls[0]?.[1]).toEqual({ title: UNKNOWN, author: { name: UNKNOWN } });
    expect(inputs).toEqual(news);
  });

  it("lose what is undefined, which Pulumi cannot store", async () => {
    page.checked = { inputs: { title: "a", author: { unset: undefined } }, problems: [] };

    const { inputs } = await provider.check({}, HIDDEN);

    expect(inputs).toStrictEqual({ ...HIDDEN, title: "a", author: {} });
  });

  it("keep the hidden ones for the engine, and from the resource", async () => {
    const news = { ...HIDDEN, title: "a", __prefetch: [], __found: { title: "b" } };
    const { outs } = await provider.create(news);
    const { outs: updated } = await provider.update("p1", { ...news, title: "old" }, news);

    expect(outs).toEqual({ ...HIDDEN, title: "a" });
    expect(updated).toEqual(outs);
    expect(page.calls).toEqual([
      ["create", { title: "a" }, "urn:page"],
      ["update", "p1", { title: "old" }, { title: "a" }],
    ]);
  });

  it("name no owner while its URN is not known", async () => {
    await provider.check({}, { ...HIDDEN, __urn: UNKNOWN_ON_THE_WIRE });

    expect(page.calls[0]).toEqual(["check", {}, undefined, undefined]);
  });
});

describe("check", () => {
  it("asks for the preflight of a new resource only, and records what was found", async () => {
    page.judged = { problems: [], found: { title: "theirs" } };

    const created = await provider.check({}, { ...HIDDEN, title: "a" });
    const existing = await provider.check({ ...HIDDEN, title: "b" }, { ...HIDDEN, title: "a" });

    expect(created.inputs).toMatchObject({ __found: { title: "theirs" } });
    expect(existing.inputs).not.toHaveProperty("__found");
    expect(page.calls.map(([name]) => name)).toEqual(["check", "preflight", "check"]);
  });

  it("reports the problems of both", async () => {
    page.checked = { inputs: { title: "a" }, problems: [{ path: "title", reason: "is bad" }] };
    page.judged = { problems: [{ path: "title", reason: "is taken" }] };

    const { failures } = await provider.check({}, { ...HIDDEN, title: "a" });

    expect(failures).toEqual([
      { property: "title", reason: "is bad" },
      { property: "title", reason: "is taken" },
    ]);
  });

  it("writes a nested path into the reason: Pulumi finds no nested property", async () => {
    page.checked = { inputs: undefined, problems: [{ path: "author.name", reason: "is bad" }] };

    const { inputs, failures } = await provider.check({}, { ...HIDDEN, author: { name: 5 } });

    expect(failures).toEqual([{ property: "", reason: "author.name is bad" }]);
    expect(inputs).toEqual({ ...HIDDEN, author: { name: 5 } });
  });

  it.each([
    ["an error of ours", new CtsError("no connection"), /^no connection$/],
    [
      "a bug",
      new TypeError("x is undefined"),
      /^This is a bug in pulumi-otc-cts.*\n {2}TypeError: x is undefined/,
    ],
  ])("reports %s as a failure, because a thrown one is shown with its stack", async (_, failure, reason) => {
    page.failure = failure;

    const { failures } = await provider.check({}, HIDDEN);

    expect(failures).toEqual([{ property: "", reason: expect.stringMatching(reason) }]);
  });
});

describe("diff", () => {
  const diff = (more: object = {}) =>
    provider.diff("p1", { ...HIDDEN, title: "a" }, { ...HIDDEN, title: "b", ...more });

  it("tells the resource first what the declaration has", async () => {
    expect(await diff()).toEqual({ changes: true, replaces: [], deleteBeforeReplace: true });
    expect(page.calls).toEqual([["remember", "p1", { title: "a" }]]);
  });

  it("replaces on the changes that the program names", async () => {
    expect((await diff({ __replaceOnChanges: ["title"] })).replaces).toEqual(["title"]);
    expect((await diff({ __replaceOnChanges: ["author"] })).replaces).toEqual([]);
  });

  it("is empty where nothing but hidden properties differs", async () => {
    const news = { ...HIDDEN, __urn: "other", title: "a" };

    expect((await provider.diff("p1", { ...HIDDEN, title: "a" }, news)).changes).toBe(false);
  });
});

describe("read", () => {
  it("gives no id where the resource is gone", async () => {
    expect(await provider.read("p1", { ...HIDDEN, title: "a" })).toEqual({});
  });

  it("hands over the state of a declared resource, and none of one that is only looked up", async () => {
    await provider.read("p1", { ...HIDDEN, title: "a" });
    await provider.read("p1", HIDDEN);
    await provider.read("p1");

    expect(page.calls.map(([, , state]) => state)).toEqual([{ title: "a" }, undefined, undefined]);
  });

  it("gives the inputs as well, so that drift is shown as old => new", async () => {
    page.stored = { id: "p2", inputs: { title: "drifted" }, state: { title: "drifted", author: {} } };

    expect(await provider.read("p1", { ...HIDDEN, title: "a" })).toEqual({
      id: "p2",
      props: { ...HIDDEN, title: "drifted", author: {} },
      inputs: { ...HIDDEN, title: "drifted" },
    });
  });
});

describe("an error", () => {
  it("that left something behind keeps it in the state, with the reasons", async () => {
    page.failure = new PartialError("p1", { title: "half" }, ["title is still half", "and more"]);

    const failure = await failureOf(provider.create({ ...HIDDEN, title: "a" }));

    expect(failure).toMatchObject({
      message: "title is still half; and more",
      id: "p1",
      properties: { ...HIDDEN, title: "half" },
      reasons: ["title is still half", "and more"],
    });
  });

  it.each([
    ["create", () => provider.create(HIDDEN)],
    ["update", () => provider.update("p1", HIDDEN, HIDDEN)],
    ["read", () => provider.read("p1", HIDDEN)],
    ["delete", () => provider.delete("p1", HIDDEN)],
  ])("of %s is shown without a stack, and keeps nothing", async (_, work) => {
    page.failure = new CtsError("refused");

    const failure = await failureOf(work());

    expect(failure.message).toBe("refused");
    expect(failure.stack).toBe("");
    expect(failure).not.toHaveProperty("id");
  });
});

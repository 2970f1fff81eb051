import { beforeEach, describe, expect, it } from "vitest";
import { Declarations } from "../../../provider/core/declarations";

let declarations: Declarations;
beforeEach(() => {
  declarations = new Declarations();
});

describe("Declarations.declare", () => {
  it("names the first owner to a second one, and to nobody else", () => {
    expect(declarations.declare("thing", "one")).toBeUndefined();
    expect(declarations.declare("thing", "one")).toBeUndefined();
    expect(declarations.declare("other", "two")).toBeUndefined();
    expect(declarations.declare("thing", "two")).toBe("one");
    expect(declarations.declare("thing", undefined)).toBe("one");
  });

  it("records nothing for an owner that is not known", () => {
    declarations.declare("thing", undefined);

    expect(declarations.declare("thing", "one")).toBeUndefined();
  });
});

describe("Declarations.hold", () => {
  it("tells all but the owner that a thing is held, until it is released", () => {
    declarations.hold("one", "thing");

    expect(declarations.isHeld("thing")).toBe(true);
    expect(declarations.isHeld("thing", "one")).toBe(false);
    expect(declarations.isHeld("thing", "two")).toBe(true);
    declarations.release("thing");
    expect(declarations.isHeld("thing")).toBe(false);
  });

  it("takes a declaration that has something, and then nothing, for one that is replaced", () => {
    declarations.hold("one", "thing");
    expect(declarations.isReplacing("one", "thing")).toBe(false);
    declarations.hold("one", undefined);

    expect(declarations.isReplacing("one", "thing")).toBe(true);
    expect(declarations.isReplacing("two", "thing")).toBe(false);
    expect(declarations.isReplacing(undefined, "thing")).toBe(false);
    expect(declarations.isHeld("thing")).toBe(false);
  });

  it("takes a declaration that never had anything for a new one", () => {
    declarations.hold("one", undefined);
    declarations.hold(undefined, "thing");

    expect(declarations.isReplacing("one", "thing")).toBe(false);
    expect(declarations.isHeld("thing")).toBe(false);
  });
});

describe("Declarations.isTaken", () => {
  it.each(["take", "hold"] as const)("is true after %s", (how) => {
    expect(declarations.isTaken("thing")).toBe(false);
    if (how === "take") {
      declarations.take("thing");
    } else {
      declarations.hold("one", "thing");
    }

    expect(declarations.isTaken("thing")).toBe(true);
    expect(declarations.isTaken("other")).toBe(false);
  });

  it("goes on where a thing that was made in this run is released by its earlier owner", () => {
    declarations.hold("one", "thing");
    declarations.take("thing");
    declarations.release("thing");

    expect(declarations.isTaken("thing")).toBe(true);
  });
});

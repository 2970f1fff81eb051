import fc from "fast-check";
import { expect } from "vitest";
import type { EngineModel, Outcome } from "./engineModel";

/** Which operation of a resource's life is broken off. */
type BrokenOff = "create" | "update" | "delete";

export const anyOperation = fc.constantFrom<BrokenOff[]>("create", "update", "delete");

interface Life<Declared> {
  readonly brokenOff: BrokenOff;
  readonly declared: Declared;
  readonly redeclared: Declared;
  /** Breaks an operation off, at whatever point and in whatever way. */
  readonly interrupt: (operation: () => Promise<Outcome>) => Promise<void>;
  /** Fails where the service does not have what is declared. */
  readonly expectInEffect: (declared: Declared) => void;
}

/**
 * A resource's life of which one operation is broken off: the next one brings about what is declared, or removes it.
 *
 * @returns what was declared last
 */
export async function liveInterrupted<Declared extends Record<string, unknown>>(
  engine: EngineModel,
  { brokenOff, declared, redeclared, interrupt, expectInEffect }: Life<Declared>,
): Promise<Declared> {
  if (brokenOff === "create") {
    await interrupt(() => engine.up(declared));
  } else {
    expect((await engine.up(declared)).errors).toEqual([]);
  }
  if (brokenOff === "update") {
    await interrupt(() => engine.up(redeclared));
  }
  if (brokenOff === "delete") {
    await interrupt(() => engine.destroy());
  } else {
    expect((await engine.up(redeclared)).errors).toEqual([]);
    expectInEffect(redeclared);
    expect((await engine.preview(redeclared)).step).toBe("same");
  }
  expect((await engine.destroy()).errors).toEqual([]);
  return brokenOff === "delete" ? declared : redeclared;
}

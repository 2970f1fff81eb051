import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineOf, setScene, useEmulated } from "../support/emulated";
import { propertyRuns } from "../support/runs";
import {
  behaviour,
  type DeclaredTracker,
  declaredTracker,
  foundTracker,
  settingsDeclaredBy,
  settingsLeftBy,
  settingsOf,
} from "../support/trackers";

const service = useEmulated({ behaviour: { trackerExists: false } });

/** What a takeover without `adopt` would lose: written down anew, not taken from the code under test. */
function wouldLose(found: ReturnType<typeof settingsOf>, declared: DeclaredTracker): boolean {
  const wanted = settingsDeclaredBy(declared);
  const initial = [undefined, "", false, "gzip", true];
  if (!found) return false;
  if (found.status === "disabled" && wanted.status === "enabled") return true;
  if (found.isLtsEnabled && !wanted.isLtsEnabled) return true;
  if (found.isSupportValidate && !wanted.isSupportValidate) return true;
  if (found.obsInfo && !wanted.obsInfo) return true;
  return (found.obsInfo ?? []).some((value, i) => value !== initial[i] && value !== wanted.obsInfo?.[i]);
}

describe("a tracker, whatever is found, whatever is wanted, however the service behaves", () => {
  it("is as declared after up, and the next preview is empty; drift is seen and mended; destroy leaves what it should", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(foundTracker, { nil: undefined }),
        declaredTracker,
        foundTracker,
        declaredTracker,
        behaviour,
        async (found, declared, drifted, redeclared, switches) => {
          const { emulator } = service;
          setScene(service, found, switches);
          emulator.setTracker({ status: "enabled", is_lts_enabled: true }, { project: "eu-nl_demo" });
          const neighbour = emulator.tracker({ project: "eu-nl_demo" });
          const before = emulator.tracker();
          const engine = engineOf(service);

          const first = await engine.up({ ...declared });
          const refused =
            found !== undefined &&
            (declared.adopt === false ||
              (declared.adopt === undefined && wouldLose(settingsOf(found), declared)));
          if (refused) {
            expect(first.errors.join()).toMatch(/adopt/);
            expect(engine.resource).toBeUndefined();
            expect(emulator.tracker()).toEqual(before);
            expect(emulator.journal.mutations()).toEqual([]);
            return;
          }
          expect(first).toEqual({ step: "create", errors: [] });
          expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(declared));
          expect((await engine.preview({ ...declared })).step).toBe("same");

          emulator.setTracker(drifted);
          expect(await engine.refresh()).toEqual({ step: "refresh", errors: [] });
          const hasDrifted =
            JSON.stringify(settingsOf(drifted)) !== JSON.stringify(settingsDeclaredBy(declared));
          expect((await engine.preview({ ...declared })).step).toBe(hasDrifted ? "update" : "same");

          const { adopt: _, ...rest } = redeclared;
          const wanted: DeclaredTracker = {
            ...rest,
            ...(declared.adopt !== undefined && { adopt: declared.adopt }),
          };
          expect((await engine.up({ ...wanted })).errors).toEqual([]);
          expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(wanted));
          expect((await engine.preview({ ...wanted })).step).toBe("same");
          await engine.refresh();
          expect((await engine.preview({ ...wanted })).step).toBe("same");

          expect(await engine.destroy()).toEqual({ step: "delete", errors: [] });
          expect(settingsOf(emulator.tracker())).toEqual(settingsLeftBy(wanted, found));
          expect(emulator.tracker({ project: "eu-nl_demo" })).toEqual(neighbour);
        },
      ),
      { numRuns: propertyRuns() },
    );
  }, 3_600_000);
});

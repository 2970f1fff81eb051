import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineOf, setScene, useEmulated } from "../../support/emulated";
import { propertyRuns } from "../../support/runs";
import {
  behaviour,
  type DeclaredTracker,
  declaredTracker,
  foundTracker,
  settingsDeclaredBy,
  settingsLeftBy,
  settingsOf,
} from "../../support/trackers";

const service = useEmulated({ behaviour: { trackerExists: false } });

type Settings = ReturnType<typeof settingsOf>;

/** The settings that a version of the API can declare, and can see. */
const APIS = [
  { apiVersion: "v3", declarable: declaredTracker, seen: (settings: Settings) => settings, share: 1 },
  {
    apiVersion: "v1",
    declarable: declaredTracker.filter(({ obsInfo }) => obsInfo !== undefined).map(toV1),
    seen: (settings: Settings) =>
      settings && { ...settings, isSupportValidate: false, obsInfo: settings.obsInfo?.slice(0, 2) },
    share: 0.1,
  },
];

/** A declaration without what v1.0 has no words for. */
function toV1({ isSupportValidate: _, obsInfo, ...declared }: DeclaredTracker): DeclaredTracker {
  const { compressType: _compress, isSortByService: _sort, ...obs } = obsInfo ?? { bucketName: "" };
  return { ...declared, obsInfo: obs };
}

/** An oracle of the losses of a takeover without `adopt`, written independently of the code under test. */
function wouldLose(found: Settings, wanted: Settings): boolean {
  const initial = [undefined, "", false, "gzip", true];
  if (!found || !wanted) {
    return false;
  }
  if (found.status === "disabled" && wanted.status === "enabled") {
    return true;
  }
  if (found.isLtsEnabled && !wanted.isLtsEnabled) {
    return true;
  }
  if (found.isSupportValidate && !wanted.isSupportValidate) {
    return true;
  }
  if (found.obsInfo && !wanted.obsInfo) {
    return true;
  }
  return (found.obsInfo ?? []).some((value, i) => value !== initial[i] && value !== wanted.obsInfo?.[i]);
}

describe("a tracker, whatever is found, whatever is wanted, however the service behaves", () => {
  it.each(APIS)(
    "is as declared after up, and the next preview is empty; drift is seen and mended; destroy leaves what it should (API $apiVersion)",
    async ({ apiVersion, declarable, seen, share }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.option(foundTracker, { nil: undefined }),
          declarable,
          foundTracker,
          declarable,
          behaviour,
          async (found, declared, drifted, redeclared, switches) => {
            const { emulator } = service;
            setScene(service, found, switches);
            emulator.setTracker({ status: "enabled", is_lts_enabled: true }, { project: "eu-nl_demo" });
            const neighbour = emulator.tracker({ project: "eu-nl_demo" });
            const before = emulator.tracker();
            const settings = { ...emulator.settings(), apiVersion };
            const engine = engineOf(service, () => service.connect(settings));
            const seenNow = () => seen(settingsOf(emulator.tracker()));
            const wantedBy = (declaration: DeclaredTracker) => seen(settingsDeclaredBy(declaration));

            const first = await engine.up({ ...declared });
            const refused =
              found !== undefined &&
              (declared.adopt === false ||
                (declared.adopt === undefined &&
                  wouldLose(seen(settingsOf(found)), seen(settingsDeclaredBy(declared)))));
            if (refused) {
              expect(first.errors.join()).toMatch(/adopt/);
              expect(engine.resource).toBeUndefined();
              expect(emulator.tracker()).toEqual(before);
              expect(emulator.journal.mutations()).toEqual([]);
              return;
            }
            expect(first).toEqual({ step: "create", errors: [] });
            expect(seenNow()).toEqual(wantedBy(declared));
            expect((await engine.preview({ ...declared })).step).toBe("same");

            emulator.setTracker(drifted);
            expect(await engine.refresh()).toEqual({ step: "refresh", errors: [] });
            const hasDrifted =
              JSON.stringify(seen(settingsOf(drifted))) !== JSON.stringify(wantedBy(declared));
            expect((await engine.preview({ ...declared })).step).toBe(hasDrifted ? "update" : "same");

            const { adopt: _, ...rest } = redeclared;
            const wanted: DeclaredTracker = {
              ...rest,
              ...(declared.adopt !== undefined && { adopt: declared.adopt }),
            };
            expect((await engine.up({ ...wanted })).errors).toEqual([]);
            expect(seenNow()).toEqual(wantedBy(wanted));
            expect((await engine.preview({ ...wanted })).step).toBe("same");
            await engine.refresh();
            expect((await engine.preview({ ...wanted })).step).toBe("same");

            expect(await engine.destroy()).toEqual({ step: "delete", errors: [] });
            expect(seenNow()).toEqual(seen(settingsLeftBy(wanted, found)));
            expect(emulator.tracker({ project: "eu-nl_demo" })).toEqual(neighbour);
          },
        ),
        { numRuns: propertyRuns(share) },
      );
    },
    3_600_000,
  );
});

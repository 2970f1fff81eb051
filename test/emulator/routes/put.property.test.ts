import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Behaviour,
  type Emulator,
  startEmulator,
  type WireTracker,
  type WireTrackerChanges,
} from "../../../emulator";
import { type Caller, signIn } from "../../support/emulator";

type Flat = Record<string, string | boolean>;

const defaults: Flat = {
  status: "enabled",
  bucket_name: "",
  file_prefix_name: "",
  is_obs_created: false,
  compress_type: "gzip",
  is_sort_by_service: true,
  is_lts_enabled: false,
  is_support_validate: false,
};
const transferKeys = [
  "bucket_name",
  "file_prefix_name",
  "is_obs_created",
  "compress_type",
  "is_sort_by_service",
];

const obsInfo = fc.record(
  {
    bucket_name: fc.constantFrom("", "one", "two"),
    file_prefix_name: fc.constantFrom("", "p"),
    is_obs_created: fc.boolean(),
    compress_type: fc.constantFrom("gzip" as const, "json" as const),
    is_sort_by_service: fc.boolean(),
  },
  { requiredKeys: [] },
);
const body = fc.record(
  {
    status: fc.constantFrom("enabled" as const, "disabled" as const),
    obs_info: obsInfo,
    is_lts_enabled: fc.boolean(),
    is_support_validate: fc.boolean(),
  },
  { requiredKeys: [] },
);
const switches = fc.record({
  put: fc.constantFrom("reset" as const, "keep" as const),
  disabledIgnoresChanges: fc.boolean(),
  disablingDropsChanges: fc.boolean(),
});

/** The eight settings side by side, as the model has them. */
function flatten({ status, obs_info, lts, is_support_validate }: WireTracker): Flat {
  const transfer = Object.entries(obs_info).filter(([key]) => transferKeys.includes(key));
  return {
    status,
    ...Object.fromEntries(transfer),
    is_lts_enabled: lts.is_lts_enabled,
    is_support_validate,
  } as Flat;
}

/** One PUT in the model: which settings it reaches, what they start from, and that no bucket means no transfer. */
function put(
  before: Flat,
  { obs_info, ...rest }: WireTrackerChanges,
  on: Pick<Behaviour, "put" | "disabledIgnoresChanges" | "disablingDropsChanges">,
): Flat {
  const status = rest.status ?? before["status"] ?? "";
  const onlyStatus =
    before["status"] === "disabled"
      ? on.disabledIgnoresChanges
      : status === "disabled" && on.disablingDropsChanges;
  if (onlyStatus) {
    return { ...before, status };
  }
  const after = { ...(on.put === "keep" ? before : defaults), ...rest, ...obs_info, status } as Flat;
  if (after["bucket_name"] === "") {
    for (const key of transferKeys) {
      after[key] = defaults[key] ?? "";
    }
  }
  return after;
}

describe("PUT tracker", () => {
  let emulator: Emulator;
  let cts: Caller;
  beforeAll(async () => {
    emulator = await startEmulator();
    cts = await signIn(emulator);
  });
  afterAll(() => emulator.close());

  it("does what the model does, for any history of bodies under any switches", async () => {
    await fc.assert(
      fc.asyncProperty(switches, fc.array(body, { minLength: 1, maxLength: 6 }), async (on, bodies) => {
        emulator.setTracker({});
        Object.assign(emulator.behaviour, on);
        let expected = defaults;
        for (const changes of bodies) {
          expected = put(expected, changes, on);
          const { status } = await cts.put(changes);
          const tracker = emulator.tracker();

          expect(status).toBe(200);
          expect(tracker && flatten(tracker)).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });
});

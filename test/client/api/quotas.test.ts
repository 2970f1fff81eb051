import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listQuotas } from "../../../client/api/quotas";
import { type Emulated, startEmulated } from "../../support/emulated";

let service: Emulated;

beforeAll(async () => {
  service = await startEmulated();
});
afterAll(() => service.emulator.close());

describe("listQuotas", () => {
  it("says how many trackers there are and may be", async () => {
    const connection = service.connect();
    const project = connection.project(await connection.locate({}));

    const quotas = await listQuotas(project);

    expect(quotas).toContainEqual({ type: "system_tracker", used: 1, quota: 1 });
  });
});

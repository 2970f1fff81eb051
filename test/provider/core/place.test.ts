import { describe, expect, it } from "vitest";
import { formatId, movesFrom, PlaceResolver, parseId } from "../../../provider/core/place";
import { UNKNOWN } from "../../../provider/core/unknown";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
const here = { region: "eu-de", projectId: "p1" };

describe("the id of a resource", () => {
  it("names region, project and thing, and is parsed again", () => {
    expect(formatId(here, "system")).toBe("eu-de/p1/system");
    expect(parseId("eu-de/p1/system")).toEqual({ place: here, name: "system" });
  });

  it.each(["", "system", "eu-de/p1", "eu-de//system", "/p1/system", "eu-de/p1/", "eu-de/p1/a/b"])(
    "is not %j",
    (id) => {
      expect(parseId(id)).toBeUndefined();
    },
  );

  it("is refused where a terminal would obey it", () => {
    expect(() => formatId(here, "\u001b[31m")).toThrow(/cannot be an id/);
  });
});

describe("a move", () => {
  it("is a replacement of each part that differs", () => {
    expect(movesFrom(here, here)).toEqual([]);
    expect(movesFrom(here, { region: "eu-nl", projectId: "p2" })).toEqual([
      { path: "region", from: "eu-de", to: "eu-nl", replaces: true },
      { path: "projectId", from: "p1", to: "p2", replaces: true },
    ]);
  });
});

describe("PlaceResolver.locate", () => {
  it("fills in what the arguments leave out, and remembers the name of a project that was given by name", async () => {
    const connection = service.connect();
    const places = new PlaceResolver(() => connection);
    const projectId = service.emulator.projectId("eu-nl_demo");

    expect(await places.locate({})).toEqual({ region: "eu-de", projectId: service.emulator.projectId() });
    expect(places.projectNameOf(projectId)).toEqual({});
    expect(await places.locate({ region: "eu-nl", projectName: "eu-nl_demo" })).toEqual({
      region: "eu-nl",
      projectId,
    });
    expect(places.projectNameOf(projectId)).toEqual({ projectName: "eu-nl_demo" });
  });

  it.each(["region", "projectId", "projectName"])(
    "asks nobody, and leaves open what is open, where %s is not known yet",
    async (field) => {
      const places = new PlaceResolver(() => {
        throw new Error("connected");
      });

      const place = await places.locate({ region: "eu-nl", [field]: UNKNOWN });

      expect(place.projectId).toBe(UNKNOWN);
      expect(place.region).toBe(field === "region" ? UNKNOWN : "eu-nl");
    },
  );
});

import fc from "fast-check";
import { describe, it } from "vitest";
import { KINDS } from "../../drift/kinds/kinds";
import { drifted, judgementOf } from "../support/drift";
import { JudgementCheck, lifeOf, OWN, outcomeOf, providerIdOf, tracesOf } from "../support/lives";
import { propertyRuns } from "../support/runs";

describe("judge", () => {
  it("never confirms a wrong person, and names the right one where a trace with the id is there", () => {
    const lives = new JudgementCheck();
    fc.assert(
      fc.property(lifeOf(KINDS), ({ kind, life, uuid, other }) => {
        const id = kind.identity === "tracker" ? "system" : uuid;
        const outcome = outcomeOf(life);
        if (!outcome.author) {
          return;
        }
        const traces = outcome.happened.flatMap((event, i) =>
          tracesOf(event, i * 40, kind, event.isOnOther ? other : id),
        );
        const changes = outcome.isGone
          ? undefined
          : [{ path: "description", old: "before", new: outcome.value }];
        const resource = drifted(kind.type, providerIdOf(kind, id), changes);
        const { verdict, cause } = judgementOf(resource, traces, [OWN]);

        lives.add(outcome, kind, verdict, cause?.act.first.user?.name);
      }),
      { numRuns: propertyRuns() },
    );
    lives.expectMostFound();
  });
});

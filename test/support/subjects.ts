import fc from "fast-check";
import { expect } from "vitest";
import type { Behaviour, WireNotificationSettings, WireTrackerSettings } from "../../emulator";
import type { FaultKind } from "../../emulator/http/operationNames";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { TrackerResource } from "../../provider/tracker/resource";
import { type Emulated, type Kind, setScene } from "./emulated";
import * as notifications from "./notifications";
import * as trackers from "./trackers";

/** A service that behaves so, and has this; and what a program declares there, first and later. */
export interface Story<Found, Declared> {
  readonly switches: Partial<Behaviour>;
  readonly found: Found | undefined;
  readonly first: Declared;
  readonly second: Declared;
}

/** A kind of resource as the properties over histories see it. */
export interface Subject<Found, Declared extends object> {
  readonly name: string;
  readonly Kind: Kind<object, object>;
  /** More calls than an operation of it needs. */
  readonly maxCalls: number;
  /** The faults that may meet it: all of them where undefined. */
  readonly faults?: FaultKind[];
  /** Whatever is there may be taken over. */
  story(service: Emulated): fc.Arbitrary<Story<Found, Declared>>;
  begin(service: Emulated, story: Story<Found, Declared>): Expectations<Declared>;
}

export interface Expectations<Declared> {
  /** Fails where the service has not what is declared. */
  expectInEffect(declared: Declared): void;
  /** Fails where a first up that kept nothing has changed anything. */
  expectUnchanged(): void;
  /** Fails where a destroy has not left what it should. @param last what was declared last */
  expectDestroyed(last: Declared): void;
}

const tracker: Subject<WireTrackerSettings, trackers.DeclaredTracker> = {
  name: "a tracker",
  Kind: TrackerResource,
  maxCalls: 8,
  story: () =>
    fc.record({
      switches: trackers.behaviour,
      found: fc.option(trackers.foundTracker, { nil: undefined }),
      first: trackers.declaredTracker.map((declared) => ({ ...declared, adopt: true })),
      second: trackers.declaredTracker.map((declared) => ({ ...declared, adopt: true })),
    }),
  begin(service, { switches, found }) {
    const settingsNow = () => trackers.settingsOf(service.emulator.tracker());
    setScene(service, found, { ...switches, trackerExists: false });
    const before = settingsNow();
    return {
      expectInEffect: (declared) => expect(settingsNow()).toEqual(trackers.settingsDeclaredBy(declared)),
      expectUnchanged: () => expect(settingsNow()).toEqual(before),
      expectDestroyed: (last) => expect(settingsNow()).toEqual(trackers.settingsLeftBy(last, found)),
    };
  },
};

const notification: Subject<WireNotificationSettings, notifications.DeclaredNotification> = {
  name: "a key event notification",
  Kind: KeyEventNotificationResource,
  maxCalls: 4,
  // A call that hangs is given up after so long that a notification is no longer new.
  faults: ["status", "reset", "truncated", "html", "wrongJson"],
  story: ({ emulator }) => {
    const declared = notifications.declaredNotification(emulator.projectId());
    return fc
      .record({
        switches: notifications.notificationBehaviour,
        found: fc.option(notifications.foundNotification(emulator.projectId()), { nil: undefined }),
        first: declared,
        second: declared,
      })
      .map(({ first, second, ...story }) => ({
        ...story,
        first: { ...first, adopt: true },
        // The same name: what is made by a call whose answer nobody heard is found by its name.
        second: { ...second, notificationName: first.notificationName, adopt: true },
      }));
  },
  begin(service, { switches, found, first: { notificationName } }) {
    const { emulator } = service;
    setScene(service, undefined, switches);
    if (found) {
      emulator.setNotification(found);
    }
    // Another one beside it, and one of its name in another project: nobody must touch them.
    emulator.setNotification({ notification_name: "neighbour" });
    emulator.setNotification({ notification_name: notificationName }, { project: "eu-nl_demo" });
    const named = () => emulator.notifications().filter((one) => one.notification_name === notificationName);
    const others = () => [
      emulator.notifications().filter((one) => one.notification_name !== notificationName),
      emulator.notifications({ project: "eu-nl_demo" }),
    ];
    const before = others();
    return {
      expectInEffect: (declared) =>
        expect(named().map(notifications.settingsOf)).toEqual([notifications.settingsDeclaredBy(declared)]),
      // It may have been made, if the answer was lost: then the next up finds it by its name.
      expectUnchanged: () => expect(others()).toEqual(before),
      expectDestroyed: () => expect([named(), others()]).toEqual([[], before]),
    };
  },
};

/** Every kind of resource. */
export const SUBJECTS = [tracker, notification] as unknown as readonly Subject<
  object,
  Record<string, unknown>
>[];

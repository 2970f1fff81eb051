import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect } from "vitest";
import type { Behaviour, WireNotificationSettings, WireTrackerSettings } from "../../emulator";
import type { FaultKind } from "../../emulator/http/operationNames";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { TrackerResource } from "../../provider/tracker/resource";
import { type Emulated, type Kind, setScene } from "./emulated";
import * as notifications from "./notifications";
import * as trackers from "./trackers";

/** A service that behaves so, and has this; what a program declares there, first and later; and a drift between. */
export interface Story<Found, Declared> {
  readonly switches: Partial<Behaviour>;
  readonly found: Found | undefined;
  readonly first: Declared;
  readonly drifted: Found;
  readonly second: Declared;
}

export type Step = "create" | "same" | "refresh" | "update" | "delete";

/** A kind of resource as the properties over histories see it. */
export interface Subject<Found, Declared extends object> {
  readonly name: string;
  readonly Kind: Kind<object, object>;
  /** True if it is read from a list, which lags behind what an answer has proved. The engine takes seconds to start again. */
  readonly isListed: boolean;
  /** More calls than an operation of it needs. */
  readonly maxCalls: number;
  /** The calls that a step sends at most, where nothing that somebody else made is taken over. */
  readonly callsOf: (step: Step, declared: Declared) => number;
  /** The faults that may meet it: all of them where undefined. */
  readonly faults?: FaultKind[];
  readonly apiVersion?: "v1";
  story(service: Emulated): fc.Arbitrary<Story<Found, Declared>>;
  /** The story in which whatever is there may be taken over, also if a lost call has made it. */
  takingOver(story: Story<Found, Declared>): Story<Found, Declared>;
  /** The same declaration in other words. */
  respelled(declared: Declared): Declared;
  begin(service: Emulated, story: Story<Found, Declared>): Expectations<Declared>;
}

export interface Expectations<Declared> {
  /** The error of a first up that must leave alone what is there. */
  readonly refusal: RegExp | undefined;
  /** Lets somebody else change it. @returns whether it differs from its first declaration then */
  drift(): boolean;
  /** Lets somebody else delete it, where that makes no other story. */
  remove?(): void;
  /** The second declaration, such that it can be brought about now. */
  second(): Declared;
  /** Fails where the service has not what is declared. */
  expectInEffect(declared: Declared): void;
  /** Fails where a first up that kept nothing has changed anything. */
  expectUnchanged(): void;
  /** Fails where a destroy has not left what it should. @param last what was declared last */
  expectDestroyed(last: Declared): void;
}

const NO_LIMIT = Number.POSITIVE_INFINITY;
const ELSEWHERE = { project: "eu-nl_demo" };

type TrackerSubject = Subject<WireTrackerSettings, trackers.DeclaredTracker>;

const tracker: TrackerSubject = {
  name: "a tracker",
  Kind: TrackerResource,
  isListed: false,
  maxCalls: 8,
  // A change is read back until it shows.
  callsOf: (step) => ({ same: 0, refresh: 1, create: NO_LIMIT, update: NO_LIMIT, delete: NO_LIMIT })[step],
  story: () =>
    fc.record({
      switches: trackers.behaviour,
      found: fc.option(trackers.foundTracker, { nil: undefined }),
      first: trackers.declaredTracker,
      drifted: trackers.foundTracker,
      second: trackers.declaredTracker,
    }),
  takingOver: ({ first, second, ...story }) => ({
    ...story,
    first: { ...first, adopt: true },
    second: { ...second, adopt: true },
  }),
  respelled: (declared) => declared,
  begin: (service, story) => beginTracker(service, story, (settings) => settings),
};

/** A tracker as API v1.0 can declare and see it. */
const trackerV1: TrackerSubject = {
  ...tracker,
  name: "a tracker by API v1.0",
  apiVersion: "v1",
  story: (service) =>
    tracker
      .story(service)
      .filter(({ first, second }) => first.obsInfo !== undefined && second.obsInfo !== undefined)
      .map((story) => ({ ...story, first: trackers.toV1(story.first), second: trackers.toV1(story.second) })),
  begin: (service, story) =>
    beginTracker(
      service,
      story,
      (settings) =>
        settings && { ...settings, isSupportValidate: false, obsInfo: settings.obsInfo?.slice(0, 2) },
    ),
};

/** @param seen the settings that a version of the API can see */
function beginTracker(
  service: Emulated,
  { switches, found, first, drifted, second }: Story<WireTrackerSettings, trackers.DeclaredTracker>,
  seen: (settings: trackers.Settings) => trackers.Settings,
): Expectations<trackers.DeclaredTracker> {
  const { emulator } = service;
  const now = () => seen(trackers.settingsOf(emulator.tracker()));
  const wantedBy = (declared: trackers.DeclaredTracker) => seen(trackers.settingsDeclaredBy(declared));
  setScene(service, found, { ...switches, trackerExists: false });
  emulator.setTracker({ status: "enabled", is_lts_enabled: true }, ELSEWHERE);
  const [before, neighbour] = [now(), emulator.tracker(ELSEWHERE)];
  const isLoss = first.adopt === undefined && trackers.wouldLose(before, wantedBy(first));
  return {
    refusal: found && (first.adopt === false || isLoss) ? /adopt/ : undefined,
    drift: () => {
      emulator.setTracker(drifted);
      return !isDeepStrictEqual(now(), wantedBy(first));
    },
    second: () => {
      const { adopt: _, ...rest } = second;
      return first.adopt === undefined ? rest : { ...rest, adopt: first.adopt };
    },
    expectInEffect: (declared) => expect(now()).toEqual(wantedBy(declared)),
    expectUnchanged: () => expect(now()).toEqual(before),
    expectDestroyed: (last) => {
      expect(now()).toEqual(seen(trackers.settingsLeftBy(last, found)));
      expect(emulator.tracker(ELSEWHERE)).toEqual(neighbour);
    },
  };
}

const notification: Subject<WireNotificationSettings, notifications.DeclaredNotification> = {
  name: "a key event notification",
  Kind: KeyEventNotificationResource,
  isListed: true,
  maxCalls: 4,
  callsOf: (step, { status, topicId }) => {
    // The service enables a new one that has a topic.
    const create = status === "disabled" && topicId !== undefined ? 2 : 1;
    return { create, same: 0, refresh: 1, update: 1, delete: 1 }[step];
  },
  // A call that hangs is given up after so long that a notification is no longer new.
  faults: ["status", "reset", "truncated", "html", "wrongJson"],
  story: ({ emulator }) => {
    const declared = notifications.declaredNotification(emulator.projectId());
    const found = notifications.foundNotification(emulator.projectId());
    return fc.record({
      switches: notifications.notificationBehaviour,
      found: fc.option(found, { nil: undefined }),
      first: declared,
      drifted: found,
      second: declared,
    });
  },
  takingOver: ({ first, second, ...story }) => ({
    ...story,
    first: { ...first, adopt: true },
    // The same name: what is made by a call whose answer nobody heard is found by its name.
    second: { ...second, notificationName: first.notificationName, adopt: true },
  }),
  respelled: notifications.shuffled,
  begin(service, { switches, found, first, drifted, second }) {
    const { emulator } = service;
    setScene(service, undefined, switches);
    if (found) {
      emulator.setNotification(found);
    }
    // Another one beside it, and one of its name in another project: nobody must touch them.
    emulator.setNotification({ notification_name: "neighbour" });
    emulator.setNotification({ notification_name: first.notificationName }, ELSEWHERE);
    const isOther = (name: string) => others[0].some((one) => one.notification_name === name);
    const others = [
      emulator.notifications().filter((one) => one.notification_name !== first.notificationName),
      emulator.notifications(ELSEWHERE),
    ] as const;
    const ids = new Set(others[0].map((one) => one.notification_id));
    const own = () => emulator.notifications().filter((one) => !ids.has(one.notification_id));
    const othersNow = () => [
      emulator.notifications().filter((one) => ids.has(one.notification_id)),
      emulator.notifications(ELSEWHERE),
    ];
    const nameNow = () => own()[0]?.notification_name ?? first.notificationName;
    const isThere = found?.notification_name === first.notificationName;
    return {
      refusal: isThere && !first.adopt ? /exists already .*set adopt: true/ : undefined,
      drift: () => {
        const { notification_name, ...rest } = drifted;
        emulator.console.notifications.change(nameNow(), isOther(notification_name) ? rest : drifted);
        return !isDeepStrictEqual(
          notifications.settingsOf(own()[0]),
          notifications.settingsDeclaredBy(first),
        );
      },
      remove: () => emulator.console.notifications.delete(nameNow()),
      second: () => {
        // Another's name would be refused, as it must be.
        const name = isOther(second.notificationName) ? nameNow() : second.notificationName;
        return { ...second, notificationName: name, adopt: first.adopt ?? false };
      },
      expectInEffect: (declared) => {
        expect(own().map(notifications.settingsOf)).toEqual([notifications.settingsDeclaredBy(declared)]);
        expect(othersNow()).toEqual(others);
      },
      // It may have been made, if the answer was lost: then the next up finds it by its name.
      expectUnchanged: () => expect(othersNow()).toEqual(others),
      expectDestroyed: () => expect([own(), ...othersNow()]).toEqual([[], ...others]),
    };
  },
};

/** Every kind of resource. */
export const SUBJECTS = [tracker, notification] as unknown as readonly Subject<
  object,
  Record<string, unknown>
>[];

/** Every kind of resource, by every version of the API that it knows. */
export const SUBJECTS_BY_API = [...SUBJECTS, trackerV1 as unknown as (typeof SUBJECTS)[number]];

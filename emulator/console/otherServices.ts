import { checkDepth } from "../depth";
import { type Account, traceUserOf } from "../options";
import { findPlace, type PlaceRef } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import type { WireTrace } from "../wire/traces";

/** A change of another service's resource, and the form of its trace. */
export interface ForeignChange {
  /** For example `VPC`; also what is known only in other spellings, such as `VPC-OpenStack`. */
  service_type: string;
  /** For example `vpc`. */
  resource_type: string;
  /** For example `modifyVpc`. */
  trace_name: string;
  /** Left out by services such as OBS, which report a name only. */
  resource_id?: string;
  resource_name?: string;
  /** The properties that are set, by the names of the service's API. They are there from now on: see `resource()`. */
  set?: Record<string, unknown>;
  /** True if the resource is deleted. */
  isDeleted?: boolean;
  /**
   * The acting user, for example `alice` or `alice/op_service`. `""`: the service by itself.
   * @defaultValue the `consoleUser` of the options, who is not the user who signs in
   */
  user?: string;
  source_ip?: string;
  /** @defaultValue "ConsoleAction"; "SystemAction" without a user */
  trace_type?: "ApiCall" | "ConsoleAction" | "SystemAction" | "Others";
  /** The form of the recorded request: JSON as text, an object, XML, or `""`. @defaultValue "text" */
  request_as?: "text" | "object" | "xml" | "empty";
  /** An asynchronous operation has a second trace so many milliseconds later, without user and request. */
  result_after_ms?: number;
  /**
   * The rating, of an asynchronous operation that of the second trace. Only a normal operation changes anything.
   * @defaultValue "normal"
   */
  trace_rating?: "normal" | "warning" | "incident";
  /** Milliseconds until a trace can be queried. @defaultValue 0 */
  visible_after_ms?: number;
  /** The time of the change, in milliseconds since 1970. @defaultValue now */
  time?: number;
}

/** Resources of other services, as far as the traces of changes go. */
export interface ForeignResources {
  /** Changes a resource of another service as a person does in the console, and writes down what that service would. */
  change(change: ForeignChange, place?: PlaceRef): WireTrace[];
  /** A copy of the properties that changes have set, by id or name; `undefined`: nothing was set, or it was deleted. */
  resource(idOrName: string): Record<string, unknown> | undefined;
}

/** The part of an emulator that is about other services. */
export function createForeignResources(state: EmulatorState): ForeignResources {
  const { account, foreignResources: known } = state;
  return {
    change(change, ref) {
      const { resource_id, resource_name, set = {}, isDeleted = false, trace_rating = "normal" } = change;
      const id = resource_id ?? resource_name;
      if (id === undefined) {
        throw new Error("A change needs a resource_id or a resource_name.");
      }
      checkDepth("The change", change);
      const recorded = state.traces.add(findPlace(account, ref), tracesOf(state, change));
      if (trace_rating === "normal" && isDeleted) {
        known.delete(id);
      } else if (trace_rating === "normal") {
        known.set(id, { ...known.get(id), ...structuredClone(set) });
      }
      return structuredClone(recorded);
    },
    resource: (idOrName) => structuredClone(known.get(idOrName)),
  };
}

/** One trace, or two for an asynchronous operation: its request, and later its result, which the service reports. */
function tracesOf({ account, clock }: EmulatorState, change: ForeignChange): Partial<WireTrace>[] {
  const { service_type, resource_type, trace_name, resource_id, resource_name, result_after_ms } = change;
  const { time = Math.floor(clock()), visible_after_ms = 0, trace_rating = "normal" } = change;
  const traceAt = (at: number, rest: Partial<WireTrace>): Partial<WireTrace> => ({
    ...{ service_type, resource_type, trace_name, resource_id, resource_name },
    time: at,
    record_time: at + visible_after_ms,
    response: "",
    ...rest,
  });
  const isAsynchronous = result_after_ms !== undefined;
  const request = traceAt(time, {
    ...callerOf(account, change),
    trace_rating: isAsynchronous ? "normal" : trace_rating,
    request: requestAs(change.request_as ?? "text", change.set ?? {}),
  });
  return isAsynchronous
    ? [request, traceAt(time + result_after_ms, { ...serviceItself(account), trace_rating, request: "" })]
    : [request];
}

type Caller = Pick<WireTrace, "user" | "source_ip" | "trace_type">;

function callerOf(account: Account, change: ForeignChange): Caller {
  const { user = account.consoleUser } = change;
  if (user === "") {
    return serviceItself(account);
  }
  return {
    user: traceUserOf(account, user),
    source_ip: change.source_ip ?? "192.0.2.10",
    // "Others" is seen in traces of OBS, although the reference does not name it.
    trace_type: (change.trace_type ?? "ConsoleAction") as WireTrace["trace_type"],
  };
}

function serviceItself({ domain }: Account): Caller {
  return { user: { id: "", name: "", domain }, source_ip: "", trace_type: "SystemAction" };
}

function requestAs(form: NonNullable<ForeignChange["request_as"]>, set: Record<string, unknown>): unknown {
  switch (form) {
    case "text":
      return JSON.stringify(masked(set));
    case "object":
      return masked(set);
    case "xml":
      return `<Configuration>${Object.entries(masked(set))
        .map(([key, value]) => `<${key}>${escaped(String(value))}</${key}>`)
        .join("")}</Configuration>`;
    case "empty":
      return "";
  }
}

/** CTS records no password. */
function masked(set: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(set).map(([key, value]) => [key, /passw|secret/i.test(key) ? "********" : value]),
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

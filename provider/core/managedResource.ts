import { CtsError } from "../../client/errors";
import { visible } from "../../client/visible";
import type { ResourceSpec } from "./resourceSpec";

/** A fault of one argument. */
export interface Problem {
  /**
   * Path of the argument, such as `obsInfo.bucketName` or `operations[0].serviceType`; empty where it concerns the
   * whole resource.
   */
  readonly path: string;
  /**
   * The rule that was broken and the value that was given; or the error that kept the argument from being judged.
   */
  readonly reason: string | CtsError;
}

/** One property whose value is not the one that is wanted. */
export interface Difference {
  /** Dotted path. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** True if only a new resource can have the wanted value. */
  readonly replaces?: boolean;
}

/** Arguments after checking: complete with their defaults, or what is wrong with them. */
export interface Checked<Inputs> {
  readonly inputs: Inputs | undefined;
  readonly problems: readonly Problem[];
}

/** The judgement of a create by what is there already. */
export interface Preflight {
  readonly problems: readonly Problem[];
  /** Settings that the create would take over. They are on record before it changes any, should it be killed. */
  readonly found?: object;
}

/**
 * A kind of thing that is managed: the same for every adapter. `owner` names the declaration that a call is
 * made for (under Pulumi, its URN), where it is known.
 */
export interface ManagedResource<Inputs, State> {
  /** Judges arguments by themselves, and by the other declarations of the run. Asks the service for the project only. */
  check(args: unknown, olds: Inputs | undefined, owner: string | undefined): Promise<Checked<Inputs>>;
  /** Judges the create of checked arguments by what the service has already. Changes nothing. */
  preflight?(inputs: Inputs, owner: string | undefined): Promise<Preflight>;
  readonly spec: ResourceSpec;
  /** Tells what a declaration has from earlier runs, before its changes are compared. */
  remember?(id: string, state: State): void;
  /** Compares without asking the service, and without a side effect. */
  diff(id: string, state: State, inputs: Inputs): readonly Difference[];
  create(inputs: Inputs, owner: string | undefined): Promise<{ id: string; state: State }>;
  /**
   * Reads the resource; undefined if it is gone.
   *
   * @param state the last known state; undefined if the resource is only looked up: then it must exist.
   */
  read(
    id: string,
    state: Partial<State> | undefined,
  ): Promise<{ id: string; inputs: Inputs; state: State } | undefined>;
  update(id: string, state: State, inputs: Inputs): Promise<State>;
  delete(id: string, state: State): Promise<void>;
}

/** Something was changed at the service, and yet the operation failed: what is known of the result must be kept. */
export class PartialError<State> extends CtsError {
  override name = "PartialError";
  /** One sentence each. */
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly state: State,
    reasons: readonly string[],
  ) {
    super(reasons.join("; "));
    this.reasons = reasons.map(visible);
  }
}

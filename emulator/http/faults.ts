import { z } from "zod";
import { checkDepth } from "../depth";
import { parseAs } from "../parse";
import type { JournalEntry } from "./journal";
import {
  FAULT_KINDS,
  type FaultKind,
  OPERATION_NAMES,
  type OperationName,
  type Service,
} from "./operationNames";

interface FaultConditions {
  /** `"before"`: the operation is not carried out. `"after"`: it is, and its answer is lost. @defaultValue "before" */
  when?: "before" | "after";
  /** The number of calls that it hits. @defaultValue 1 */
  times?: number;
  /** The calls that it may hit. @defaultValue all of IAM and CTS */
  match?: { service?: Service; operation?: OperationName; method?: string };
}

/** An answer with this status instead of the real one. */
export interface StatusFault extends FaultConditions {
  kind: "status";
  /** 200 to 599. */
  status: number;
  /** The code in the body. @defaultValue the service's code for this status */
  errorCode?: string;
  /** The `Retry-After` header: seconds, or any text. @defaultValue none */
  retryAfter?: number | string;
  /** Instead of the usual error body: text as it is, anything else as JSON. */
  body?: unknown;
}

/** The connection is reset instead of an answer. */
export interface ResetFault extends FaultConditions {
  kind: "reset";
}

/** No answer, until the connection is closed or the gateway gives up. */
export interface TimeoutFault extends FaultConditions {
  kind: "timeout";
  /** Milliseconds until a gateway answers 504. @defaultValue never */
  hangMs?: number;
}

/** The connection breaks off in the middle of the body. */
export interface TruncatedFault extends FaultConditions {
  kind: "truncated";
}

/** A complete answer with a status of success and a body that is not what was promised. */
export interface WrongJsonFault extends FaultConditions {
  kind: "wrongJson";
  /** Text is sent as it is, and need not be JSON. @defaultValue {"unexpected": true} */
  body?: unknown;
}

/** A page of a gateway, in HTML. */
export interface HtmlFault extends FaultConditions {
  kind: "html";
  /** @defaultValue 502 */
  status?: number;
}

/** One fault of a call. */
export type Fault = StatusFault | ResetFault | TimeoutFault | TruncatedFault | WrongJsonFault | HtmlFault;

/** Faults by chance. */
export interface RandomFaults {
  /** The probability that a call fails, 0 to 1; 0 turns it off. */
  rate: number;
  /** @defaultValue `status`, `reset`, `truncated` and `html` */
  kinds?: Fault["kind"][];
  /** @defaultValue both */
  services?: Service[];
  /** Of kind `timeout`: milliseconds until a gateway answers 504. @defaultValue never */
  hangMs?: number;
}

/** The faults to draw from; all are equally probable. */
const RANDOM_MIX: Fault[] = [
  { kind: "status", status: 429, retryAfter: 0 },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 400, errorCode: "CTS.0001" },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "truncated", when: "after" },
  { kind: "html", status: 502 },
  { kind: "wrongJson", when: "after" },
  { kind: "timeout", when: "before" },
  { kind: "timeout", when: "after" },
];

const DEFAULT_RANDOM_KINDS: FaultKind[] = ["status", "reset", "truncated", "html"];

/** The planned and the random faults. */
export class Faults {
  #planned: { fault: Fault; timesLeft: number }[] = [];
  #random: RandomFaults = { rate: 0 };

  constructor(private readonly draw: () => number) {}

  /**
   * Plans a fault. The first planned one that matches a call hits it.
   *
   * @throws Error if its body is nested deeper than 1000 levels
   */
  add(fault: Fault): void {
    checkDepth("The body of the fault", "body" in fault ? fault.body : undefined);
    this.#planned.push({ fault, timesLeft: fault.times ?? 1 });
  }

  /** From now on calls that no planned fault hits fail by chance. */
  random(random: RandomFaults): void {
    this.#random = random;
  }

  /** The faults in force: the planned ones, each with the number of calls that it will still hit, and the random ones. */
  list(): { planned: { fault: Fault; timesLeft: number }[]; random: RandomFaults } {
    return structuredClone({ planned: this.#planned, random: this.#random });
  }

  /** Removes all faults. */
  clear(): void {
    this.#planned = [];
    this.#random = { rate: 0 };
  }

  /** The fault that hits this call, if any; uses it up. */
  take(call: Pick<JournalEntry, "service" | "operation" | "method">): Fault | undefined {
    const planned = this.#planned.find(({ fault, timesLeft }) => timesLeft > 0 && matches(fault, call));
    if (planned === undefined) {
      return this.#takeRandom(call.service);
    }
    planned.timesLeft -= 1;
    this.#planned = this.#planned.filter(({ timesLeft }) => timesLeft > 0);
    return planned.fault;
  }

  #takeRandom(service: Service): Fault | undefined {
    const { rate, kinds = DEFAULT_RANDOM_KINDS, services, hangMs } = this.#random;
    if (rate <= 0 || (services && !services.includes(service)) || this.draw() >= rate) {
      return undefined;
    }
    const mix = RANDOM_MIX.filter(({ kind }) => kinds.includes(kind));
    const fault = mix[Math.floor(this.draw() * mix.length)];
    return fault?.kind === "timeout" && hangMs !== undefined ? { ...fault, hangMs } : fault;
  }
}

function matches({ match }: Fault, call: Pick<JournalEntry, "service" | "operation" | "method">): boolean {
  return (
    (match?.service ?? call.service) === call.service &&
    (match?.operation ?? call.operation) === call.operation &&
    (match?.method ?? call.method).toUpperCase() === call.method
  );
}

const status = z.number().int().min(200).max(599);
const hangMs = z.number().nonnegative().optional();
const services = z.enum(["iam", "cts"]);

const CONDITIONS = {
  when: z.enum(["before", "after"]).optional(),
  times: z.number().int().positive().optional(),
  match: z
    .strictObject({
      service: services.optional(),
      operation: z.enum(OPERATION_NAMES).optional(),
      method: z.string().optional(),
    })
    .optional(),
};

const faultSchema = z.discriminatedUnion("kind", [
  faultOf("status", {
    status,
    errorCode: z.string().optional(),
    retryAfter: z.union([z.number().nonnegative(), z.string()]).optional(),
    body: z.unknown().optional(),
  }),
  faultOf("reset", {}),
  faultOf("timeout", { hangMs }),
  faultOf("truncated", {}),
  faultOf("wrongJson", { body: z.unknown().optional() }),
  faultOf("html", { status: status.optional() }),
]);

function faultOf<Shape extends z.ZodRawShape>(kind: FaultKind, shape: Shape) {
  return z.strictObject({ kind: z.literal(kind), ...shape, ...CONDITIONS });
}

const randomSchema = z.strictObject({
  rate: z.number().min(0).max(1),
  kinds: z.array(z.enum(FAULT_KINDS)).optional(),
  services: z.array(services).optional(),
  hangMs,
});

/** @throws Error that names the invalid field */
export function parseFault(value: unknown): Fault {
  return parseAs(faultSchema, value, "fault") as Fault;
}

/** @throws Error that names the invalid field */
export function parseRandomFaults(value: unknown): RandomFaults {
  return parseAs(randomSchema, value, "fault") as RandomFaults;
}

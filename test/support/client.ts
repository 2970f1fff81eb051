import { resolveSettings } from "../../client/config/settings";
import { pulumiSource } from "../../client/config/sources";
import { Connection } from "../../client/connection";
import type { ApiError, NetworkError, NotConvergedError } from "../../client/errors";
import { json, type RawAnswer } from "./rawServer";
import { virtualClock } from "./virtualClock";

/** The fields that tests check in failures; a failure has some of them. */
type Failure = ApiError & NetworkError & NotConvergedError;

/** The error of a call. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) {
    throw new Error("The call has not failed");
  }
  return failure as Failure;
}

/** IAM's answer to a sign-in, with the changes that a test needs. */
export function signedIn(token: object = {}, subjectToken = "MIItoken"): RawAnswer {
  const complete = {
    expires_at: "2026-01-02T00:00:00.000000Z",
    project: { id: "p1", name: "eu-de_p1", domain: { id: "d1" } },
    catalog: [],
    ...token,
  };
  return json(201, { token: complete }, subjectToken ? { "X-Subject-Token": subjectToken } : {});
}

/** A connection as a stack with this configuration has it. */
export function connectWith(settings: Readonly<Record<string, string>>): Connection {
  const source = pulumiSource((key) => settings[key.replace("otc-cts:", "")]);
  return new Connection(resolveSettings([source]), { clock: virtualClock() });
}

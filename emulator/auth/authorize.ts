import { IamError, notPublished, ServiceError } from "../http/errors";
import type { Call, Operation } from "../http/operation";
import { isPlace } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import { isSigned } from "./signature";

/**
 * Refuses a call of a missing API version, without a good token or signature, or not for the path's project, or for a
 * project of another region.
 * The answer of the real gateway to the last is unknown; here it is 403 `CTS.0013`.
 *
 * @throws ServiceError, or IamError for a token at IAM
 */
export function checkAccess(state: EmulatorState, operation: Operation, call: Call): void {
  if (operation.version && !state.behaviour[operation.version]) {
    throw notPublished();
  }
  if (operation.access === "none") {
    return;
  }
  const isByKeys = isSigned(call.raw);
  if (isByKeys) {
    checkKeys(state, operation, call);
  } else {
    checkToken(state, operation, call);
  }
  if (operation.access === "project" && !isPlace(state.account, call)) {
    throw noPermission("There is no such project in this region.");
  }
  call.entry.auth = isByKeys ? "keys" : "token";
}

/** The gateway looks at signatures before IAM or CTS is asked. */
function checkKeys(state: EmulatorState, { access }: Operation, call: Call): void {
  const reason = state.keys.verify(call.raw);
  if (reason !== undefined) {
    throw notAuthenticated(reason);
  }
  const isSameProject = (call.header("X-Project-Id") ?? call.projectId) === call.projectId;
  if (access === "project" && !isSameProject) {
    throw noPermission("The keys are not used for this project.");
  }
}

function checkToken(state: EmulatorState, { access, service }: Operation, call: Call): void {
  const grant = state.tokens.verify(call.header("X-Auth-Token"));
  if (typeof grant === "string") {
    throw service === "iam"
      ? new IamError(401, "The request you have made requires authentication.")
      : notAuthenticated(grant);
  }
  if (access === "project" && grant.project?.id !== call.projectId) {
    throw noPermission("The token is not valid for this project.");
  }
}

function notAuthenticated(reason: string): ServiceError {
  return new ServiceError(401, "APIGW.0301", `Incorrect IAM authentication information: ${reason}`);
}

function noPermission(reason: string): ServiceError {
  return new ServiceError(403, "CTS.0013", `No permission. ${reason}`);
}

/** The base URLs of IAM and CTS, in the forms in which other tools write them. */

import { namesOf, type Source } from "../config/sources";
import { findSetting } from "../config/trust";
import { isLoopback } from "./http";

/** @returns the base URL; undefined if it is not set or invalid; faults are added to the problems. */
export function checkUrl(
  sources: readonly Source[],
  key: "authUrl" | "endpoint",
  insecure: boolean,
  problems: string[],
): string | undefined {
  const setting = findSetting(sources, key);
  if (!setting) {
    return undefined;
  }
  const base = key === "authUrl" ? identityBase(setting.value) : endpointBase(setting.value);
  const problem =
    (key === "authUrl" ? versionProblem(base) : projectProblem(sources, base)) ?? urlProblem(base, insecure);
  if (!problem) {
    return base;
  }
  const names = `config otc-cts:${key} or ${namesOf(key).env[0]}`;
  const shown = JSON.stringify(shownUrl(setting.value));
  problems.push(`${key} (${names}) ${problem}, got ${shown} from ${setting.origin}`);
  return undefined;
}

/** Ends in `/v3`. Also taken with `/auth/tokens` at its end, or without a version. */
export function identityBase(value: string): string {
  const url = trimmed(trimmed(value).replace(/\/auth\/tokens$/, ""));
  return VERSION.test(url) || !URL.canParse(url) ? url : `${url}/v3`;
}

/**
 * Without version and project. OTC's Python SDK documents `…/v1.0/%(project_id)s`, and the token's catalogue has it so.
 * A version does not choose the API: `apiVersion` does.
 */
function endpointBase(value: string): string {
  return trimmed(value).replace(
    /\/v\d+(\.\d+)?(\/([%$]\((project|tenant)_id\)s?|\{(project|tenant)_id\}))?$/,
    "",
  );
}

const VERSION = /\/v\d+(\.\d+)?$/;

function versionProblem(base: string): string | undefined {
  const [version] = VERSION.exec(base) ?? [];
  return version && version !== "/v3" ? `must be that of API v3, not ${version.slice(1)}` : undefined;
}

/** A project in the address could contradict the tracker's project. */
function projectProblem(sources: readonly Source[], base: string): string | undefined {
  const [, project] = /\/v\d+(?:\.\d+)?\/([^/]+)$/.exec(base) ?? [];
  if (project === undefined) {
    return undefined;
  }
  return `must not hold a project: leave out /${project}, and set projectId${findSetting(sources, "projectId") ? "" : " or projectName"} if it is meant`;
}

/** The fault of a base URL, or undefined. Plain http would show the password to the network. */
export function urlProblem(value: string, insecure = false): string | undefined {
  if (!URL.canParse(value)) {
    return "must be a URL such as https://iam.eu-de.otc.t-systems.com/v3";
  }
  const url = new URL(value);
  if (url.username || url.password) {
    return "must not hold a user or password";
  }
  if (/[?#]/.test(value)) {
    return "must not hold a query or fragment";
  }
  if (url.protocol === "https:") {
    return undefined;
  }
  if (url.protocol !== "http:") {
    return "must begin with https://";
  }
  return isLoopback(url) || insecure ? undefined : "must begin with https:// (http only to this machine)";
}

/** A URL that is safe to show, well-formed or not: without user, password and query. */
export function shownUrl(url: string): string {
  return url.replace(/^.*@/s, "***@").replace(/[?#].*$/s, "?***");
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

import { findPlace, type PlaceRef } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import type { KeyPair } from "./signature";

/** The way to sign in: as the user, by permanent or temporary keys, or with a token that was issued before. */
export type SignInKind = "password" | "keys" | "temporaryKeys" | "token";

/** Settings to put under `otc-cts:` in the configuration of a stack, secrets included. */
export function settingsFor(
  state: EmulatorState,
  ref?: PlaceRef,
  how: SignInKind = "password",
): Record<string, string> {
  const { account, url } = state;
  const { region, project } = findPlace(account, ref);
  const authUrl = `${url}/v3`;
  if (how === "password") {
    const { name: userName, password } = account.user;
    const { name: domainName } = account.domain;
    return { authUrl, userName, password, domainName, projectName: project.name, region };
  }
  // The placeholder stays: the reader of the settings replaces it by the region of each call.
  const endpoint = `${url}/{region}`;
  if (how === "token") {
    const { token } = state.tokens.issue(project);
    return { authUrl, token, projectId: project.id, region, endpoint };
  }
  return { authUrl, ...findKeys(account.keys, how), projectName: project.name, region, endpoint };
}

function findKeys(keys: readonly KeyPair[], how: "keys" | "temporaryKeys"): KeyPair {
  const isTemporary = how === "temporaryKeys";
  const pair = keys.find(({ securityToken }) => (securityToken !== undefined) === isTemporary);
  if (pair === undefined) {
    throw new Error(
      `The emulator has no ${isTemporary ? "temporary" : "permanent"} keys: see its option keys.`,
    );
  }
  return pair;
}

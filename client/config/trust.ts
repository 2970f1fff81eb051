/**
 * The sources that may name the receiver of secrets. Credentials come whole from one source. An address, or how TLS is
 * checked, counts only from that source or from one that ranks above it. Otherwise a variable of the environment, or a
 * `clouds.yaml` in the current directory, could send a stack's password to any server.
 */
import { CREDENTIAL_KEYS, KEYS, type Key, namesOf, parseSwitch, type Setting, type Source } from "./sources";

const ALL_KEYS = Object.keys(KEYS) as Key[];
export const ALL_CREDENTIALS: readonly Key[] = Object.values(CREDENTIAL_KEYS).flat();

/** The first source that has any of these settings. */
export function sourceOf(sources: readonly Source[], keys: readonly Key[]): Source | undefined {
  return sources.find((source) => keys.some((key) => source.find(key)));
}

/** The source of the credentials: the first one that has any. */
export function credentialsSourceOf(sources: readonly Source[]): Source | undefined {
  return sourceOf(sources, ALL_CREDENTIALS);
}

/** The setting in effect: from the first source that has it and may set it. */
export function findSetting(sources: readonly Source[], key: Key): Setting | undefined {
  if (ALL_CREDENTIALS.includes(key)) {
    return credentialsSourceOf(sources)?.find(key);
  }
  const [trusted] = divide(sources, key);
  return sourceOf(trusted, [key])?.find(key);
}

/** An address that would be in effect, but must not receive the credentials. */
export interface UnusedAddress extends Setting {
  readonly key: Key;
  /** The reason and the remedy, in one sentence. */
  reason(shown: string): string;
}

/** The addresses that only a source below that of the credentials names, and that would make a difference. */
export function unusedAddresses(
  sources: readonly Source[],
  keys: readonly Key[] = ALL_KEYS,
): UnusedAddress[] {
  return keys.flatMap((key) => {
    const [trusted, others] = divide(sources, key);
    const setting = sourceOf(trusted, [key]) ? undefined : sourceOf(others, [key])?.find(key);
    if (!setting || (key === "insecure" && parseSwitch(setting.value) === false)) {
      return [];
    }
    const owner = trusted.at(-1)?.name;
    const places = trusted.toReversed().flatMap((source) => source.nameOf(key) ?? []);
    const reason = (shown: string) =>
      `${key} ${shown} from ${setting.origin} is not used, because the credentials are from the ${owner}, which ranks above it; if it is meant for them, set it by ${places[0]}`;
    return [{ ...setting, key, reason }];
  });
}

/** The sources that may name a setting, and the others. */
function divide(
  sources: readonly Source[],
  key: Key,
): [trusted: readonly Source[], others: readonly Source[]] {
  const owner = namesOf(key).address ? credentialsSourceOf(sources) : undefined;
  const end = owner ? sources.indexOf(owner) + 1 : sources.length;
  return [sources.slice(0, end), sources.slice(end)];
}

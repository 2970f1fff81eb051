import { KEYS, type Key, namesOf } from "./sources";

const NAMESPACE = "otc-cts:";

/**
 * One sentence for each key under `otc-cts:` that is no setting. Without the warning, a misspelt setting counts as
 * absent, and another source may have it.
 *
 * @param keys the full keys of a stack's configuration.
 */
export function unknownKeys(keys: readonly string[]): string[] {
  return keys
    .filter((key) => key.startsWith(NAMESPACE))
    .map((key) => key.slice(NAMESPACE.length))
    .filter((name) => !Object.hasOwn(KEYS, name))
    .map((name) => {
      // The text after a mistyped `=` is the value, which may be a secret.
      const shown = name.replace(/[^\w.-].*$/s, "…");
      const meant = nearestTo(shown);
      const advice = meant
        ? `${NAMESPACE}${meant} is probably meant`
        : `the settings are ${Object.keys(KEYS).join(", ")}`;
      return `config ${NAMESPACE}${shown} is no setting and has no effect: ${advice}`;
    });
}

/** The setting whose name, in any of the places that settings come from, differs least; undefined where all differ much. */
function nearestTo(name: string): Key | undefined {
  const plain = plainly(name);
  const distances = (Object.keys(KEYS) as Key[]).flatMap((key) =>
    spellingsOf(key).map((spelling) => ({ key, changes: changesBetween(plain, plainly(spelling)) })),
  );
  const [nearest] = distances.sort((a, b) => a.changes - b.changes);
  // More than one change in three letters makes another word.
  return nearest && nearest.changes <= plain.length / 3 ? nearest.key : undefined;
}

function spellingsOf(key: Key): string[] {
  const { env, bridged, cloud } = namesOf(key);
  return [key, ...env, ...(bridged ? [bridged] : []), ...cloud.map((path) => path.replace(/^.*\./, ""))];
}

/** `auth_url`, `authURL` and `OS_AUTH_URL` are the same name. */
function plainly(name: string): string {
  return name
    .toLowerCase()
    .replace(/^os_/, "")
    .replace(/[^a-z0-9]/g, "");
}

/** The number of letters that are inserted, deleted, replaced, or swapped with their neighbours (optimal string alignment). */
function changesBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

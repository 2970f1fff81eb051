/** Copying and encoding recurse, and overflow the stack at some 3,000 levels. */
const MAX_LEVELS = 1000;

/** True if a value can be copied and encoded. Does not recurse itself. */
export function isShallow(value: unknown): boolean {
  let level = new Set([value].filter(isObject));
  for (let levels = 1; level.size > 0; levels += 1) {
    if (levels > MAX_LEVELS) {
      return false;
    }
    level = new Set([...level].flatMap((each) => Object.values(each)).filter(isObject));
  }
  return true;
}

/**
 * @param what names the value, for example `The trace`
 * @throws Error if it is nested too deep
 */
export function checkDepth(what: string, value: unknown): void {
  if (!isShallow(value)) {
    throw new Error(`${what} is nested deeper than ${MAX_LEVELS} levels: use fewer.`);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

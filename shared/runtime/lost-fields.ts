/** Fields that a version can't express: its conversions drop what it never had. */

type Struct = Record<string, unknown>;

const isStruct = (value: unknown): value is Struct =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Copies to `value` what `old` has and `seen`, which is `old` after a conversion to a version and back, has lost. Fields
 * that `seen` has are the client's. List elements that the client left as they were match, others by their names.
 */
export function keepLost(value: Struct, old: Struct, seen: Struct): void {
  for (const [name, before] of Object.entries(old)) {
    if (!Object.hasOwn(seen, name)) {
      if (!Object.hasOwn(value, name)) value[name] = before;
    } else if (Object.hasOwn(value, name)) value[name] = keptIn(value[name], before, seen[name]);
  }
}

function keptIn(value: unknown, old: unknown, seen: unknown): unknown {
  if (isStruct(value) && isStruct(old) && isStruct(seen)) keepLost(value, old, seen);
  else if (Array.isArray(value) && Array.isArray(old) && Array.isArray(seen)) keepInList(value, old, seen);
  return value;
}

function keepInList(value: unknown[], old: readonly unknown[], seen: readonly unknown[]): void {
  if (old.length !== seen.length) return;
  const byText = new Map(seen.map((element, index) => [JSON.stringify(element), index]));
  const byName = new Map(
    seen.flatMap((element, index) =>
      isStruct(element) && typeof element['name'] === 'string' ? [[element['name'], index]] : [],
    ),
  );
  for (const element of value) {
    const name = isStruct(element) ? element['name'] : undefined;
    const index = byText.get(JSON.stringify(element)) ?? byName.get(name as string);
    // A conversion may also reorder a list.
    if (index !== undefined && isReduced(seen[index], old[index])) keptIn(element, old[index], seen[index]);
  }
}

/** Whether `seen` is `old` without some fields. */
function isReduced(seen: unknown, old: unknown): boolean {
  if (isStruct(seen) && isStruct(old)) {
    return Object.entries(seen).every(
      ([name, value]) => Object.hasOwn(old, name) && isReduced(value, old[name]),
    );
  }
  if (Array.isArray(seen) && Array.isArray(old)) {
    return seen.length === old.length && seen.every((value, index) => isReduced(value, old[index]));
  }
  return seen === old;
}

/** Deletes the keys whose value is undefined, in place: an absent field and an undefined one must not differ. */
export function compact<T extends object>(object: T): T {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) delete (object as Record<string, unknown>)[key];
  }
  return object;
}

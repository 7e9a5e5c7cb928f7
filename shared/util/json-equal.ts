/** Whether two JSON values are equal; the order of an object's fields doesn't count, undefined fields are absent. */
export function equalJSON(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left === 'bigint' || typeof right === 'bigint') {
    const numeric = (value: unknown): boolean => typeof value === 'bigint' || typeof value === 'number';
    // biome-ignore lint/suspicious/noDoubleEquals: compares an integer's two forms by value
    return numeric(left) && numeric(right) && (left as bigint) == (right as bigint);
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) if (!equalJSON(left[index], right[index])) return false;
    return true;
  }
  if (Array.isArray(right)) return false;
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  let fields = 0;
  for (const key of Object.keys(one)) {
    if (one[key] === undefined) continue;
    fields++;
    if (!Object.hasOwn(other, key) || !equalJSON(one[key], other[key])) return false;
  }
  for (const key of Object.keys(other)) if (other[key] !== undefined) fields--;
  return fields === 0;
}

import { atOnce, type Pieces, shouldYield } from './breathe.ts';

/** Whether two JSON values are equal. The order of fields is ignored; undefined fields count as absent. */
export function equalJSON(left: unknown, right: unknown): boolean {
  return isDeep(left) && isDeep(right) ? atOnce(equalDeep(left, right)) : equalPlain(left, right);
}

/** Compares as `equalJSON` does. */
export function* equalInPieces(left: unknown, right: unknown): Pieces<boolean> {
  return isDeep(left) && isDeep(right) ? yield* equalDeep(left, right) : equalPlain(left, right);
}

const isDeep = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Compares two values of which at least one is a scalar. */
function equalPlain(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'bigint' && typeof right !== 'bigint') return false;
  const numeric = (value: unknown): boolean => typeof value === 'bigint' || typeof value === 'number';
  // biome-ignore lint/suspicious/noDoubleEquals: compares an integer's two forms by value
  return numeric(left) && numeric(right) && (left as bigint) == (right as bigint);
}

function* equalDeep(left: object, right: object): Pieces<boolean> {
  if (left === right) return true;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (Array.isArray(left) && left.length !== (right as unknown[]).length) return false;
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  let fields = 0;
  for (const key of Object.keys(one)) {
    if (shouldYield()) yield;
    const [a, b] = [one[key], Object.hasOwn(other, key) ? other[key] : undefined];
    if (a === undefined) continue;
    fields++;
    if (!(isDeep(a) && isDeep(b) ? yield* equalDeep(a, b) : equalPlain(a, b))) return false;
  }
  for (const key of Object.keys(other)) if (other[key] !== undefined) fields--;
  return fields === 0;
}

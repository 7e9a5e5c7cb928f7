/** Rejects objects that are too large for storage before conversion, admission and validation take seconds for them. */

import { newRequestEntityTooLarge } from '../../meta/status-error.ts';
import { MAX_OBJECT_BYTES } from '../../storage/object-limit.ts';
import { breathe, inPieces, type Pieces, shouldYield } from '../../util/breathe.ts';

/** Objects with fewer values are processed quickly, and validation gives a better error for a large one. */
const FEW_VALUES = 5_000;

/**
 * Call before each expensive step of a write. Throws RequestEntityTooLarge for an object that storage is bound to
 * reject. The status isn't counted, because some writes drop it.
 */
export async function checkStorable(object: object): Promise<void> {
  await breathe();
  if (hasFewValues(object)) return;
  await breathe();
  const size = { bytes: 0, values: 1 };
  const { status: _, ...measured } = object as { readonly status?: unknown };
  await inPieces(measureMembers(measured, size));
  if (size.values > FEW_VALUES && size.bytes > MAX_OBJECT_BYTES) {
    throw newRequestEntityTooLarge(`the object takes more than ${MAX_OBJECT_BYTES} bytes`);
  }
  await breathe();
}

interface Size {
  /** Lower bound on the size as JSON. */
  bytes: number;
  values: number;
}

const isDeep = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/**
 * The common case: counting up to the limit is much cheaper than starting a measurement that yields to the event loop.
 */
function hasFewValues(object: object): boolean {
  const open: object[] = [object];
  let values = 1;
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    for (const key in container) {
      if (++values > FEW_VALUES) return false;
      const member = (container as Record<string, unknown>)[key];
      if (isDeep(member)) open.push(member);
    }
  }
  return true;
}

function* measureMembers(container: object, size: Size): Pieces<void> {
  const isList = Array.isArray(container);
  size.bytes++;
  for (const key in container) {
    if (size.bytes > MAX_OBJECT_BYTES && size.values > FEW_VALUES) return;
    if (shouldYield()) yield;
    // A comma; for members of an object also the key's quotes and a colon.
    size.bytes += isList ? 1 : key.length + 4;
    const member = (container as Record<string, unknown>)[key];
    size.values++;
    if (typeof member === 'string') size.bytes += member.length + 2;
    else if (isDeep(member)) yield* measureMembers(member, size);
    else size.bytes++;
  }
}

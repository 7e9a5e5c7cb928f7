/** JSON Merge Patch (RFC 7386), as implemented by https://github.com/evanphx/json-patch. */

import type { DecodedValue } from '../../runtime/serializer/json/decode-json.ts';
import { parseInPieces } from '../../runtime/serializer/json/untyped-decoders.ts';
import { breathe, inPieces, type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import { newBadRequest } from '../status-error.ts';
import { ANY_MAP, type PatchOptions, readPatch, type UntypedPatchResult, validText } from './patch-result.ts';

/** Takes ownership of `current`. Rejects with a 400 for an invalid patch. */
export async function applyMergePatch(
  current: unknown,
  bytes: Uint8Array,
  { strict = false }: PatchOptions = {},
): Promise<UntypedPatchResult> {
  const { value: patch, strictErrors } = await inPieces(strict ? readStrictly(bytes) : readPlainly(bytes));
  if (typeof patch !== 'object' || patch === null) throw newBadRequest('Invalid JSON Patch');
  await breathe();
  const maps = new WeakSet<object>();
  const value = await inPieces(Array.isArray(patch) ? pruneNulls(patch, maps) : merge(current, patch, maps));
  return { value, strictErrors, maps };
}

const readStrictly = (bytes: Uint8Array): Pieces<DecodedValue> =>
  readPatch(bytes, ANY_MAP, { strict: true, prefix: 'error decoding patch: ' });

function* readPlainly(bytes: Uint8Array): Pieces<DecodedValue> {
  return { value: yield* parseInPieces(yield* validText(bytes)), strictErrors: [] };
}

function* merge(current: unknown, patch: unknown, maps: WeakSet<object>): Pieces<unknown> {
  if (!isJSONObject(current)) return yield* pruneNulls(patch, maps);
  maps.add(current);
  if (!isJSONObject(patch)) return patch;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete current[key];
    else {
      const member = Object.hasOwn(current, key) ? current[key] : undefined;
      setOwn(current, key, typeof value === 'object' ? yield* merge(member, value, maps) : value);
    }
    if (shouldYield()) yield;
  }
  return current;
}

/** Drops null members of objects, including those in lists. */
function* pruneNulls(value: unknown, maps: WeakSet<object>): Pieces<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  maps.add(value);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'object') continue;
    if (member !== null) yield* pruneNulls(member, maps);
    else if (!Array.isArray(value)) delete (value as Record<string, unknown>)[key];
    if (shouldYield()) yield;
  }
  return value;
}

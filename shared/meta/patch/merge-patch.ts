/** JSON Merge Patch (RFC 7386), as https://github.com/evanphx/json-patch reads it. */

import { parseJSON } from '../../util/exact-json.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import { newBadRequest } from '../status-error.ts';
import { ANY_MAP, type PatchOptions, type PatchResult, readPatch, validText } from './patch-result.ts';

/** Owns `current`. Throws a 400 for what is no patch. */
export function applyMergePatch(
  current: unknown,
  bytes: Uint8Array,
  { strict = false }: PatchOptions = {},
): PatchResult {
  const { value: patch, strictErrors } = strict
    ? readPatch(bytes, ANY_MAP, { strict, prefix: 'error decoding patch: ' })
    : { value: parseJSON(validText(bytes)), strictErrors: [] };
  if (typeof patch !== 'object' || patch === null) throw newBadRequest('Invalid JSON Patch');
  const value = Array.isArray(patch) ? pruneNulls(patch) : merge(current, patch);
  return { value, strictErrors };
}

function merge(current: unknown, patch: unknown): unknown {
  if (!isJSONObject(current)) return pruneNulls(patch);
  if (!isJSONObject(patch)) return patch;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete current[key];
    else {
      const member = Object.hasOwn(current, key) ? current[key] : undefined;
      setOwn(current, key, merge(member, value));
    }
  }
  return current;
}

/** Drops the null members of objects, those in lists too. */
function pruneNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruneNulls);
  if (!isJSONObject(value)) return value;
  for (const [key, member] of Object.entries(value)) {
    if (member === null) delete value[key];
    else pruneNulls(member);
  }
  return value;
}

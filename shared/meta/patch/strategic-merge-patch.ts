/**
 * Strategic merge patch: a merge patch with merge keys for lists
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/strategicpatch/patch.go).
 */

import type { TypeSchema } from '../../runtime/type-schema.ts';
import { inPieces, type Pieces, shouldYield } from '../../util/breathe.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import {
  badPatchType,
  badPrimitiveList,
  badRetainKeys,
  DELETE_FROM_PRIMITIVE_LIST,
  DIRECTIVE,
  discardNulls,
  fieldOf,
  goType,
  type PatchMap,
  RETAIN_KEYS,
  SET_ELEMENT_ORDER,
  withoutDirectives,
} from './directives.ts';
import { elementType, mergeList } from './merge-list.ts';
import { ANY_MAP, type PatchOptions, type PatchResult, readPatch } from './patch-result.ts';
import { lookupList, lookupStruct } from './patch-schema.ts';
import { mergeOrderedLists } from './set-element-order.ts';

/**
 * Takes ownership of `current`, which `schema` describes, and of the patch. Rejects with a 400 for a patch that is
 * invalid, contradictory, or doesn't match the schema.
 */
export async function applyStrategicMergePatch(
  current: unknown,
  bytes: Uint8Array,
  schema: TypeSchema,
  { strict = false }: PatchOptions = {},
): Promise<PatchResult> {
  const read = readPatch(bytes, ANY_MAP, { strict, prefix: '' });
  const { value: patch, strictErrors } = await inPieces(read);
  const value = await inPieces(mergeMaps(current as PatchMap, (patch ?? {}) as PatchMap, schema));
  return { value, strictErrors };
}

/** May modify both and return parts of them. */
function* mergeMaps(original: PatchMap, patch: PatchMap, schema: TypeSchema): Pieces<PatchMap> {
  if (Object.hasOwn(patch, DIRECTIVE)) return followDirective(patch);
  retainKeys(original, patch);
  yield* mergeOrderedLists(original, patch, schema, mergeMaps);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM_PRIMITIVE_LIST)) yield* deleteFromList(original, key, value, schema);
    else yield* mergeMember(original, key, value, schema);
    if (shouldYield()) yield;
  }
  return original;
}

function followDirective(patch: PatchMap): PatchMap {
  const directive = patch[DIRECTIVE];
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw badPatchType(directive, patch);
  delete patch[DIRECTIVE];
  return patch;
}

function retainKeys(original: PatchMap, patch: PatchMap): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const list = patch[RETAIN_KEYS];
  delete patch[RETAIN_KEYS];
  if (!Array.isArray(list)) throw badRetainKeys();
  const retained = new Set<unknown>(list);
  for (const [key, value] of Object.entries(patch)) {
    const isParallel = key.startsWith(DELETE_FROM_PRIMITIVE_LIST) || key.startsWith(SET_ELEMENT_ORDER);
    if (value !== null && !isParallel && !retained.has(key)) throw badRetainKeys();
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

function* deleteFromList(original: PatchMap, key: string, value: unknown, schema: TypeSchema): Pieces<void> {
  const field = fieldOf(key, DELETE_FROM_PRIMITIVE_LIST);
  if (field === undefined) throw badPrimitiveList();
  if (value === null) delete original[field];
  const list = Object.hasOwn(original, field) ? original[field] : undefined;
  if (!Array.isArray(list) || !Array.isArray(value)) return;
  if (list.length === 0 && value.length === 0) return;
  const isOfMaps = elementType(list, value) === 'map[string]interface {}';
  const deleted = new Set<unknown>(value);
  const left = isOfMaps
    ? yield* mergeList(list, value, lookupList(schema, field), mergeMaps)
    : list.filter((element) => !deleted.has(element));
  setOwn(original, field, left);
}

function* mergeMember(original: PatchMap, key: string, value: unknown, schema: TypeSchema): Pieces<void> {
  const present = Object.hasOwn(original, key);
  if (value === null) delete original[key];
  else if (present && isJSONObject(original[key]) && isJSONObject(value)) {
    const { schema: member, strategy } = lookupStruct(schema, key);
    setOwn(original, key, strategy === 'replace' ? value : yield* mergeMaps(original[key], value, member));
  } else if (present && Array.isArray(original[key]) && Array.isArray(value)) {
    const meta = lookupList(schema, key);
    setOwn(
      original,
      key,
      meta.strategy === 'merge' ? yield* mergeList(original[key], value, meta, mergeMaps) : value,
    );
  } else {
    if (!present || goType(original[key]) !== goType(value)) discardNulls(value);
    const kept = withoutDirectives(value);
    if (kept === undefined) delete original[key];
    else setOwn(original, key, kept);
  }
}

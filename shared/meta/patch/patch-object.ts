/**
 * Patches an object and decodes the result as its kind
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/patch.go).
 */

import { formatValue } from '../../runtime/go-format.ts';
import { inGoOrder } from '../../runtime/go-order.ts';
import { formatGroupVersionKind, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { DecodingError, strictDecodingMessage } from '../../runtime/serializer/decoding-error.ts';
import { decodeJSONInPieces } from '../../runtime/serializer/json/decode-json.ts';
import { setKind } from '../../runtime/serializer/object-kind.ts';
import type { Serializer } from '../../runtime/serializer/serializer.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import { breathe, inPieces } from '../../util/breathe.ts';
import { parseJSON, stringifyInPieces } from '../../util/exact-json.ts';
import { sortDeep } from '../../util/sort-keys.ts';
import { invalid } from '../field-error.ts';
import { newBadRequest, newInternalError, newInvalid, type StatusError } from '../status-error.ts';
import { applyJSONPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import { unstructuredMismatch } from './unstructured-mismatch.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json';

export interface PatchTarget {
  /** The kind of `current`, of the patch and of the result. */
  readonly gvk: GroupVersionKind;
  /** Undefined for custom resources, which don't support strategic merge patch. */
  readonly schema: TypeSchema | undefined;
  /** The JSON serializer. */
  readonly serializer: Serializer;
  readonly fieldValidation: FieldValidation;
}

export interface PatchedObject {
  /** Without defaults. */
  readonly object: RuntimeObject;
  /** From `fieldValidation` Warn. */
  readonly warnings: readonly string[];
}

/** For a patch that removes the version of a custom resource, on which upstream's converter fails. */
const NO_VERSION = "Object 'apiVersion' is missing in 'object has no apiVersion field'";

const utf8 = new TextEncoder();

/**
 * `current` returns the object to patch, a new one on each call, because patching modifies it. Yields to the event loop
 * between long steps. Rejects with a 400, 413 or 422.
 */
export async function patchObject(
  current: () => Promise<RuntimeObject>,
  patchType: PatchType,
  patch: Uint8Array,
  target: PatchTarget,
): Promise<PatchedObject> {
  if (patchType === 'application/strategic-merge-patch+json')
    return patchStrategically(await current(), patch, target);
  const apply = patchType === 'application/json-patch+json' ? applyJSONPatch : applyMergePatch;
  const strict = target.fieldValidation !== 'Ignore';
  const { value, strictErrors } = await apply(await current(), patch, { strict });
  await breathe();
  const text = await inPieces(stringifyInPieces(value));
  await breathe();
  const unstructured = target.schema === undefined;
  // Go holds custom resources as maps, which it encodes in key order.
  const shown = async (): Promise<string> => {
    const ordered = await inPieces(inGoOrder(await current(), target.schema));
    const again = await apply(ordered, patch, { strict });
    const isSorted = (object: object): boolean => unstructured || again.maps.has(object);
    return inPieces(stringifyInPieces(await inPieces(sortDeep(again.value, isSorted))));
  };
  const hasKind = Boolean((value as RuntimeObject | null)?.kind);
  const { serializer } = target;
  const options = { strict, unstructured };
  const decode = async (json: string) => {
    const bytes = utf8.encode(json);
    return (await serializer.decodeInPieces?.(bytes, options)) ?? serializer.decode(bytes, options);
  };
  const decoded = await orInvalid(shown, async () => decode(hasKind ? text : await shown()));
  const { kind, group, version } = decoded.gvk;
  if (unstructured) {
    if (version === '') throw newInternalError(NO_VERSION);
  } else if (kind !== target.gvk.kind || group !== target.gvk.group) {
    throw await invalidPatch(
      shown,
      `unable to decode ${formatGroupVersionKind(decoded.gvk)} into ${formatGroupVersionKind(target.gvk)}`,
    );
  }
  // Several are told in the order in which Go encodes the patched object.
  const told =
    decoded.strictErrors.length > 1 ? (await decode(await shown())).strictErrors : decoded.strictErrors;
  return judge(decoded.object, shown, [...strictErrors, ...told], target);
}

async function patchStrategically(
  current: RuntimeObject,
  patch: Uint8Array,
  target: PatchTarget,
): Promise<PatchedObject> {
  const { gvk, schema, fieldValidation } = target;
  if (schema === undefined) throw newBadRequest('strategic merge patch format is not supported');
  const strict = fieldValidation !== 'Ignore';
  const { value, strictErrors } = await applyStrategicMergePatch(current, patch, schema, { strict });
  const mismatch = unstructuredMismatch(value, schema);
  const shown = (): string => formatValue(parseJSON(Buffer.from(patch).toString()));
  if (mismatch !== undefined) throw await invalidPatch(shown(), mismatch);
  await breathe();
  const text = await inPieces(stringifyInPieces(value));
  await breathe();
  const decoded = await orInvalid(shown, async () => inPieces(decodeJSONInPieces(text, schema, { strict })));
  const object = decoded.value as RuntimeObject;
  setKind(object, gvk);
  return judge(object, shown, [...strictErrors, ...[...decoded.strictErrors].sort()], target);
}

/** Computed only if the patch is rejected. */
type Shown = string | (() => string | Promise<string>);

async function judge(
  object: RuntimeObject,
  shown: Shown,
  strictErrors: readonly string[],
  { fieldValidation }: PatchTarget,
): Promise<PatchedObject> {
  if (strictErrors.length === 0) return { object, warnings: [] };
  if (fieldValidation === 'Strict') throw await invalidPatch(shown, strictDecodingMessage(strictErrors));
  return { object, warnings: strictErrors };
}

async function orInvalid<T>(shown: Shown, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    if (error instanceof DecodingError) throw await invalidPatch(shown, error.message);
    throw error;
  }
}

async function invalidPatch(shown: Shown, message: string): Promise<StatusError> {
  const value = typeof shown === 'string' ? shown : await shown();
  return newInvalid({ group: '', kind: '' }, '', [invalid('patch', value, message)]);
}

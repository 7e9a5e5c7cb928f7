import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import {
  type DecodedValue,
  decodeJSONInPieces,
  parseHead,
} from '../../runtime/serializer/json/decode-json.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import type { Pieces } from '../../util/breathe.ts';
import { newBadRequest, StatusError } from '../status-error.ts';

/** The result of a patch. */
export interface PatchResult {
  /** May share parts with the patched object. */
  readonly value: unknown;
  /** Unknown and duplicate fields of the patch itself. Empty unless requested. */
  readonly strictErrors: readonly string[];
}

/** The result of an untyped patch. */
export interface UntypedPatchResult extends PatchResult {
  /** Objects that were accessed: Go holds them as maps, which it encodes in key order. */
  readonly maps: WeakSet<object>;
}

export interface PatchOptions {
  /** Whether to detect unknown and duplicate fields in the patch: `fieldValidation` Strict and Warn. */
  readonly strict?: boolean | undefined;
}

const ANY: TypeSchema = { kind: 'untyped', type: 'any' };
export const ANY_MAP: TypeSchema = { kind: 'map', element: ANY, atomic: false };

/**
 * Decodes a patch as a value of `schema`; `prefix` is prepended to Go's errors. Throws a 400 for bytes that aren't JSON
 * or don't match.
 */
export function* readPatch(
  bytes: Uint8Array,
  schema: TypeSchema,
  options: PatchOptions & { readonly prefix: string },
): Pieces<DecodedValue> {
  try {
    return yield* decodeJSONInPieces(yield* validText(bytes), schema, options);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw newBadRequest(`${options.prefix}${error.message}`);
  }
}

/** The text of a valid JSON document. Throws a 400. */
export function* validText(bytes: Uint8Array): Pieces<string> {
  try {
    return (yield* parseHead(bytes)).text;
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw newBadRequest('invalid JSON patch');
  }
}

/** The 422 for a well-formed patch that can't be applied. Like upstream, doesn't include the reason. */
export function newUnprocessablePatch(cause: unknown): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError({ code: 422, reason: 'Invalid', message, details: {} }, cause);
}

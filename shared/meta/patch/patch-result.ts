import { DecodingError } from '../../runtime/serializer/decoding-error.ts';
import {
  type DecodedValue,
  decodeJSONInPieces,
  parseHead,
} from '../../runtime/serializer/json/decode-json.ts';
import type { TypeSchema } from '../../runtime/type-schema.ts';
import type { Pieces } from '../../util/breathe.ts';
import { newBadRequest, StatusError } from '../status-error.ts';

/** An object after a patch. */
export interface PatchResult {
  /** May be made of what was patched. */
  readonly value: unknown;
  /** Unknown and duplicate fields of the patch itself. Empty unless asked for. */
  readonly strictErrors: readonly string[];
}

/** After a patch that knows no types. */
export interface UntypedPatchResult extends PatchResult {
  /** Objects that were looked into: Go holds them as maps, which it writes in the order of their keys. */
  readonly maps: WeakSet<object>;
}

export interface PatchOptions {
  /** Look for unknown and duplicate fields in the patch: `fieldValidation` Strict and Warn. */
  readonly strict?: boolean | undefined;
}

const ANY: TypeSchema = { kind: 'untyped', type: 'any' };
export const ANY_MAP: TypeSchema = { kind: 'map', element: ANY, atomic: false };

/**
 * Reads a patch as a value of `schema`; `prefix` goes before what Go says of one that is none.
 * Throws the 400 that bytes get which are no JSON, or of another form.
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

/** The text of bytes that are JSON. Throws a 400. */
export function* validText(bytes: Uint8Array): Pieces<string> {
  try {
    return (yield* parseHead(bytes)).text;
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw newBadRequest('invalid JSON patch');
  }
}

/** The 422 for a well-formed patch that can't be applied; upstream keeps the reason to itself. */
export function newUnprocessablePatch(cause: unknown): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError({ code: 422, reason: 'Invalid', message, details: {} }, cause);
}

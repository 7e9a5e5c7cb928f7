import { atOnce, type Pieces, READ_AT_ONCE, shouldYield } from '../../../util/breathe.ts';
import type { TypeSchema } from '../../type-schema.ts';
import type { DecodeOptions } from '../serializer.ts';
import { compileDecoder } from './compile-decoder.ts';
import { DecodeState } from './decode-state.ts';
import { begin } from './decoder.ts';
import { CHAR, JSONCursor } from './json-cursor.ts';
import { readInPieces } from './reading.ts';
import { checkSyntax, checkSyntaxInPieces, JSONSyntaxError } from './syntax-error.ts';

/** Replaces invalid UTF-8 by U+FFFD, and keeps a byte order mark so that it is rejected. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A valid JSON document. */
export interface ParsedJSON {
  readonly text: string;
  readonly value: unknown;
}

/** Throws `JSONSyntaxError`. */
export function parseBytes(bytes: Uint8Array): ParsedJSON {
  const text = utf8.decode(bytes);
  try {
    return { text, value: JSON.parse(text) };
  } catch (error) {
    checkSyntax(bytes);
    throw new JSONSyntaxError((error as Error).message);
  }
}

/**
 * Like `parseBytes`, for callers that only need kind and version: the `value` of a large document contains little else.
 */
export function* parseHead(bytes: Uint8Array): Pieces<ParsedJSON> {
  if (bytes.byteLength <= READ_AT_ONCE) return parseBytes(bytes);
  yield* checkSyntaxInPieces(bytes);
  const text = utf8.decode(bytes);
  return { text, value: yield* headOf(text) };
}

const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const HOLLOW = new Map<number, unknown>([
  [CHAR.object, {}],
  [CHAR.list, []],
]);

/** Parses valid JSON without nested content, which is enough to determine the kind. */
export function* headOf(text: string): Pieces<unknown> {
  const cursor = new JSONCursor(text);
  const hollow = HOLLOW.get(cursor.peek());
  if (hollow === undefined) return JSON.parse(text);
  if (Array.isArray(hollow)) return hollow;
  const head: Record<string, unknown> = {};
  for (cursor.enter(); cursor.more(); ) {
    const key = cursor.key();
    const inner = HOLLOW.get(cursor.peek());
    if (inner === undefined && HEAD.has(key)) head[key] = JSON.parse(cursor.raw());
    else {
      if (HEAD.has(key)) head[key] = inner;
      cursor.skip();
    }
    if (shouldYield()) yield;
  }
  return head;
}

export interface DecodedValue {
  readonly value: unknown;
  /** Unknown and duplicate fields: `unknown field "spec.x"`. Empty unless `strict`. */
  readonly strictErrors: readonly string[];
}

/**
 * Decodes valid JSON as a value of `schema`, like Go (https://github.com/kubernetes-sigs/json, `UnmarshalStrict`).
 * Throws `DecodingError`.
 */
export function* decodeJSONInPieces(
  text: string,
  schema: TypeSchema,
  options?: Pick<DecodeOptions, 'strict'>,
): Pieces<DecodedValue> {
  const state = new DecodeState(text, options);
  const decoder = compileDecoder(schema);
  const read = state.peek() === CHAR.null ? undefined : yield* readInPieces(begin(decoder, state));
  const value = read ?? decoder.zero();
  if (state.typeError !== undefined) throw state.typeError;
  return { value, strictErrors: state.strictErrors() };
}

/** Like `decodeJSONInPieces`, for small documents. */
export function decodeJSON(
  text: string,
  schema: TypeSchema,
  options?: Pick<DecodeOptions, 'strict'>,
): DecodedValue {
  return atOnce(decodeJSONInPieces(text, schema, options));
}

import type { TypeSchema } from '../../type-schema.ts';
import type { DecodeOptions } from '../serializer.ts';
import { compileDecoder } from './compile-decoder.ts';
import { DecodeState } from './decode-state.ts';
import { CHAR } from './json-cursor.ts';
import { checkSyntax, JSONSyntaxError } from './syntax-error.ts';

/** UTF-8; bad bytes become U+FFFD, and a byte order mark stays, to be refused. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes known to be one JSON value, as text and as JavaScript reads them. */
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

export interface DecodedValue {
  readonly value: unknown;
  /** Unknown and duplicate fields: `unknown field "spec.x"`. Empty unless `strict`. */
  readonly strictErrors: readonly string[];
}

/**
 * Reads valid JSON as a value of `schema`, as Go would
 * (https://github.com/kubernetes-sigs/json, `UnmarshalStrict`). Throws `DecodingError`.
 */
export function decodeJSON(
  text: string,
  schema: TypeSchema,
  { strict = false }: Pick<DecodeOptions, 'strict'> = {},
): DecodedValue {
  const state = new DecodeState(text, strict);
  const decoder = compileDecoder(schema);
  const value =
    state.peek() === CHAR.null ? decoder.zero() : (decoder.decode(state, undefined) ?? decoder.zero());
  if (state.typeError !== undefined) throw state.typeError;
  return { value, strictErrors: state.strictErrors() };
}

/**
 * Decodes JSON to values of a schema with the result of decoding to Go structs and encoding again: unknown fields are
 * dropped, zero values that Go always encodes are added, and empty optional fields are omitted.
 */

import type { TypeSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import { type Reading, WasRead } from './reading.ts';

interface AnyDecoder {
  /** The type name in Go's messages: `[]v1.Container`. */
  readonly goType: string;
  /** The value of null for a type that isn't a pointer in Go; the literal has already been read. */
  decodeNull(state: DecodeState, previous: unknown): unknown;
  /** A new zero value, as Go encodes it. */
  zero(): unknown;
}

/** Decodes values synchronously. */
export interface ScalarDecoder extends AnyDecoder {
  /**
   * Decodes a value that isn't null. Returns undefined if it has no value (wrong type, or Go's zero time). `previous`
   * is the value of an earlier field of the same name.
   */
  decode(state: DecodeState, previous: unknown): unknown;
  readonly begin?: undefined;
}

/** Decodes containers. */
export interface DeepDecoder extends AnyDecoder {
  /** Starts decoding, in steps, what `ScalarDecoder.decode` does at once. */
  begin(state: DecodeState, previous: unknown): Reading;
  readonly decode?: undefined;
}

/** Decodes one value. Compiled once per schema. */
export type Decoder = ScalarDecoder | DeepDecoder;

/** Like `DeepDecoder.begin`, for any decoder. */
export function begin(decoder: Decoder, state: DecodeState): Reading {
  if (decoder.decode !== undefined) return new WasRead(decoder.decode(state, undefined));
  return decoder.begin(state, undefined);
}

/** `goType` is given where the schema doesn't determine it. */
export type Compile = (schema: TypeSchema, goType?: string) => Decoder;

/** The type name in Go's messages: `io.k8s.api.core.v1.Pod` -> `v1.Pod`. */
export function goTypeOf(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

/**
 * JSON text to values of a schema, as Go decodes into its structs and writes them again: unknown fields dropped,
 * zero values that Go always writes filled in, empty optional ones left out.
 */

import type { TypeSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import { type Reading, WasRead } from './reading.ts';

interface AnyDecoder {
  /** Name in Go's messages: `[]v1.Container`. */
  readonly goType: string;
  /** What null gives where Go has no pointer; the literal has been read. */
  decodeNull(state: DecodeState, previous: unknown): unknown;
  /** A fresh zero value, as Go writes it. */
  zero(): unknown;
}

/** Of values that are read at once. */
export interface ScalarDecoder extends AnyDecoder {
  /**
   * Reads a value that is not null. Returns undefined for none (the type was wrong, or it is Go's zero time).
   * `previous`: what an earlier field of the same name gave.
   */
  decode(state: DecodeState, previous: unknown): unknown;
  readonly begin?: undefined;
}

/** Of values that may hold many others. */
export interface DeepDecoder extends AnyDecoder {
  /** Begins what `ScalarDecoder.decode` does at once. */
  begin(state: DecodeState, previous: unknown): Reading;
  readonly decode?: undefined;
}

/** Reads one value. Compiled once per schema. */
export type Decoder = ScalarDecoder | DeepDecoder;

/** As `DeepDecoder.begin`, by any decoder. */
export function begin(decoder: Decoder, state: DecodeState): Reading {
  if (decoder.decode !== undefined) return new WasRead(decoder.decode(state, undefined));
  return decoder.begin(state, undefined);
}

/** `goType`: where the schema doesn't tell. */
export type Compile = (schema: TypeSchema, goType?: string) => Decoder;

/** `io.k8s.api.core.v1.Pod` as Go's messages have it: `v1.Pod`. */
export function goTypeOf(definition: string): string {
  return definition.split('.').slice(-2).join('.');
}

/** Decoders of lists and maps. */

import { isTimeToLook, type Pieces } from '../../../util/breathe.ts';
import { setOwn } from '../../../util/json.ts';
import type { ListSchema, MapSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import type { Compile, Decoder, DeepDecoder, ScalarDecoder } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { describe } from './scalar-decoders.ts';

/** An element of a list or map; where it gives nothing, Go keeps its zero value. */
function* decodeElement(state: DecodeState, element: Decoder): Pieces<unknown> {
  if (element.decode !== undefined) return decodePlainElement(state, element);
  if (state.peek() === CHAR.null) return nullElement(state, element);
  return (yield* element.decodeInPieces(state, undefined)) ?? element.zero();
}

/** As `decodeElement`. */
function decodePlainElement(state: DecodeState, element: ScalarDecoder): unknown {
  if (state.peek() === CHAR.null) return nullElement(state, element);
  return element.decode(state, undefined) ?? element.zero();
}

function nullElement(state: DecodeState, element: Decoder): unknown {
  state.skip();
  return element.decodeNull(state, undefined) ?? element.zero();
}

/** The elements of the list that `state` stands before. */
export function* decodeElements(state: DecodeState, element: Decoder): Pieces<unknown[]> {
  const list: unknown[] = [];
  for (state.enter(); state.more(); ) {
    state.push(list.length, undefined);
    list.push(element.decode ? decodePlainElement(state, element) : yield* decodeElement(state, element));
    state.pop();
    if (isTimeToLook()) yield;
  }
  return list;
}

/** `[]v1.FinalizerName` -> `v1.FinalizerName`; undefined if the name doesn't show it. */
function elementOf(goType: string | undefined): string | undefined {
  return /^(?:\[\]|map\[[^\]]*\])(.+)$/.exec(goType ?? '')?.[1];
}

export class ListDecoder implements DeepDecoder {
  readonly goType: string;
  readonly #element: Decoder;

  constructor(schema: ListSchema, compile: Compile, goType?: string) {
    this.#element = compile(schema.element, elementOf(goType));
    this.goType = goType ?? `[]${this.#element.goType}`;
  }

  *decodeInPieces(state: DecodeState, previous: unknown): Pieces<unknown> {
    if (state.peek() === CHAR.list) return yield* decodeElements(state, this.#element);
    state.typeMismatch(describe(state), this.goType);
    return previous;
  }

  decodeNull(): null {
    return null;
  }

  zero(): null {
    return null;
  }
}

export class MapDecoder implements DeepDecoder {
  readonly goType: string;
  readonly #element: Decoder;

  constructor(schema: MapSchema, compile: Compile, goType?: string) {
    this.#element = compile(schema.element, elementOf(goType));
    this.goType = goType ?? `map[string]${this.#element.goType}`;
  }

  *decodeInPieces(state: DecodeState, previous: unknown): Pieces<unknown> {
    if (state.peek() !== CHAR.object) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    const element = this.#element;
    const map = (previous ?? {}) as object;
    const seen = state.strict ? new Set<string>() : undefined;
    for (state.enter(); state.more(); ) {
      const key = state.key();
      if (seen?.has(key)) state.duplicateField(key);
      seen?.add(key);
      state.push(key, undefined);
      setOwn(
        map,
        key,
        element.decode ? decodePlainElement(state, element) : yield* decodeElement(state, element),
      );
      state.pop();
      if (isTimeToLook()) yield;
    }
    return map;
  }

  decodeNull(): null {
    return null;
  }

  zero(): null {
    return null;
  }
}

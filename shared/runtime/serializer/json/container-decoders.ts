/** Decoders of lists and maps. */

import { setOwn } from '../../../util/json.ts';
import type { ListSchema, MapSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import type { Compile, Decoder } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { describe } from './scalar-decoders.ts';

/** An element of a list or map; where it gives nothing, Go keeps its zero value. */
export function decodeElement(state: DecodeState, element: Decoder): unknown {
  if (state.peek() !== CHAR.null) return element.decode(state, undefined) ?? element.zero();
  state.skip();
  return element.decodeNull(state, undefined) ?? element.zero();
}

/** `[]v1.FinalizerName` -> `v1.FinalizerName`; undefined if the name doesn't show it. */
function elementOf(goType: string | undefined): string | undefined {
  return /^(?:\[\]|map\[[^\]]*\])(.+)$/.exec(goType ?? '')?.[1];
}

export class ListDecoder implements Decoder {
  readonly goType: string;
  readonly #element: Decoder;

  constructor(schema: ListSchema, compile: Compile, goType?: string) {
    this.#element = compile(schema.element, elementOf(goType));
    this.goType = goType ?? `[]${this.#element.goType}`;
  }

  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.list) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    const list: unknown[] = [];
    for (state.enter(); state.more(); ) {
      state.push(list.length, undefined);
      list.push(decodeElement(state, this.#element));
      state.pop();
    }
    return list;
  }

  decodeNull(): null {
    return null;
  }

  zero(): null {
    return null;
  }
}

export class MapDecoder implements Decoder {
  readonly goType: string;
  readonly #element: Decoder;

  constructor(schema: MapSchema, compile: Compile, goType?: string) {
    this.#element = compile(schema.element, elementOf(goType));
    this.goType = goType ?? `map[string]${this.#element.goType}`;
  }

  decode(state: DecodeState, previous: unknown): unknown {
    if (state.peek() !== CHAR.object) {
      state.typeMismatch(describe(state), this.goType);
      return previous;
    }
    const map = (previous ?? {}) as object;
    const seen = state.strict ? new Set<string>() : undefined;
    for (state.enter(); state.more(); ) {
      const key = state.key();
      if (seen?.has(key)) state.duplicateField(key);
      seen?.add(key);
      state.push(key, undefined);
      setOwn(map, key, decodeElement(state, this.#element));
      state.pop();
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

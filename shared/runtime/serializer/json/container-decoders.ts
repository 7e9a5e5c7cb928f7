/** Decoders of lists and maps. */

import { shouldYield } from '../../../util/breathe.ts';
import { setOwn } from '../../../util/json.ts';
import type { ListSchema, MapSchema } from '../../type-schema.ts';
import type { DecodeState } from './decode-state.ts';
import type { Compile, Decoder, DeepDecoder } from './decoder.ts';
import { CHAR } from './json-cursor.ts';
import { PAUSE, type Reading, WasRead } from './reading.ts';
import { describe } from './scalar-decoders.ts';

/** The decoder of the element at the current position if it is a container. */
function deepAt(state: DecodeState, element: Decoder): DeepDecoder | undefined {
  return element.decode === undefined && state.peek() !== CHAR.null ? element : undefined;
}

/** Decodes an element that is null or a scalar; if it has no value, Go keeps the zero value. */
function decodeElement(state: DecodeState, element: Decoder): unknown {
  if (state.peek() !== CHAR.null) return element.decode!(state, undefined) ?? element.zero();
  state.skip();
  return element.decodeNull(state, undefined) ?? element.zero();
}

/** Decodes the list at the current position of `state`. */
export class ListReading implements Reading {
  readonly #state: DecodeState;
  readonly #element: Decoder;
  readonly #list: unknown[] = [];

  constructor(state: DecodeState, element: Decoder) {
    this.#state = state;
    this.#element = element;
    state.enter();
  }

  goOn(): Reading | typeof PAUSE | undefined {
    const state = this.#state;
    while (state.more()) {
      state.push(this.#list.length, undefined);
      const deep = deepAt(state, this.#element);
      if (deep !== undefined) return deep.begin(state, undefined);
      this.#list.push(decodeElement(state, this.#element));
      state.pop();
      if (shouldYield()) return PAUSE;
    }
    return undefined;
  }

  put(value: unknown): void {
    this.#list.push(value ?? this.#element.zero());
    this.#state.pop();
  }

  value(): unknown[] {
    return this.#list;
  }
}

/** Decodes the map at the current position of `state` into `map`. */
class MapReading implements Reading {
  readonly #state: DecodeState;
  readonly #element: Decoder;
  readonly #map: object;
  readonly #seen: Set<string> | undefined;
  #key = '';
  isFilled = false;

  constructor(state: DecodeState, element: Decoder, map: object) {
    this.#state = state;
    this.#element = element;
    this.#map = map;
    this.#seen = state.strict ? new Set() : undefined;
    state.enter();
  }

  goOn(): Reading | typeof PAUSE | undefined {
    const state = this.#state;
    while (state.more()) {
      this.isFilled = true;
      const key = state.key();
      if (this.#seen?.has(key)) state.duplicateField(key);
      this.#seen?.add(key);
      state.push(key, undefined);
      const deep = deepAt(state, this.#element);
      if (deep !== undefined) {
        this.#key = key;
        return deep.begin(state, undefined);
      }
      setOwn(this.#map, key, decodeElement(state, this.#element));
      state.pop();
      if (shouldYield()) return PAUSE;
    }
    return undefined;
  }

  put(value: unknown): void {
    setOwn(this.#map, this.#key, value ?? this.#element.zero());
    this.#state.pop();
  }

  value(): object {
    return this.#map;
  }
}

/** `[]v1.FinalizerName` -> `v1.FinalizerName`; undefined if the name doesn't contain it. */
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

  begin(state: DecodeState, previous: unknown): Reading {
    if (state.peek() === CHAR.list) return new ListReading(state, this.#element);
    state.typeMismatch(describe(state), this.goType);
    return new WasRead(previous);
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

  begin(state: DecodeState, previous: unknown): Reading {
    if (state.peek() === CHAR.object) return new MapReading(state, this.#element, (previous ?? {}) as object);
    state.typeMismatch(describe(state), this.goType);
    return new WasRead(previous);
  }

  decodeNull(): null {
    return null;
  }

  zero(): null {
    return null;
  }
}

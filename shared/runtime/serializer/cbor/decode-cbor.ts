/**
 * Decodes CBOR to JSON values. Byte strings become strings; duplicate keys, numbers that JSON can't represent, and
 * chunked strings are errors
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/runtime/serializer/cbor/internal/modes/decode.go).
 */

import { isUtf8 } from 'node:buffer';
import { type Token, Tokenizer, Type } from 'cborg';
import { setOwn } from '../../../util/json.ts';
import type { ValueBudget } from '../body-budget.ts';
import { DecodingError } from '../decoding-error.ts';
import { MAX_DEPTH } from '../json/syntax-error.ts';

/** Bytes that are not CBOR, or use features that Kubernetes doesn't accept. */
class CBORError extends DecodingError {
  override readonly name = 'CBORError';
}

const TAG = {
  text: 0,
  epoch: 1,
  bignum: 2,
  negativeBignum: 3,
  base64url: 21,
  base64: 22,
  hex: 23,
} as const;
/** Tags that specify the text encoding of enclosed byte strings. */
const ENCODINGS: ReadonlyMap<number, BufferEncoding> = new Map([
  [TAG.base64url, 'base64url'],
  [TAG.base64, 'base64'],
  [TAG.hex, 'hex'],
]);
const INT64_MAX = 2n ** 63n - 1n;
const BREAK = Symbol('break');

type Length = number;

/** Decodes one data item. Throws `CBORError`, and `BodyBudgetError` beyond `budget`. */
export function decodeCBOR(bytes: Uint8Array, budget?: ValueBudget): unknown {
  const decoder = new CBORDecoder(bytes, budget);
  const value = decoder.item();
  if (value === BREAK) throw new CBORError('cbor: unexpected "break" code');
  decoder.requireEnd();
  return value;
}

class CBORDecoder {
  readonly #tokens: Tokenizer;
  readonly #length: number;
  readonly #budget: ValueBudget | undefined;
  #depth = 0;
  #encoding: BufferEncoding = 'utf8';

  constructor(bytes: Uint8Array, budget: ValueBudget | undefined) {
    this.#budget = budget;
    this.#length = bytes.length;
    this.#tokens = new Tokenizer(bytes, {
      allowBigInt: true,
      allowIndefinite: true,
      retainStringBytes: true,
    });
  }

  requireEnd(): void {
    const at = this.#tokens.pos();
    if (at < this.#length) {
      throw new CBORError(`cbor: ${this.#length - at} bytes of extraneous data starting at index ${at}`);
    }
  }

  #next(): Token {
    if (this.#tokens.done()) throw new CBORError('unexpected EOF');
    try {
      return this.#tokens.next();
    } catch (error) {
      // cborg throws plain Errors.
      throw new CBORError(`cbor: ${(error as Error).message}`, undefined, error);
    }
  }

  item(): unknown {
    const token = this.#next();
    this.#budget?.spend();
    switch (token.type) {
      case Type.uint:
      case Type.negint:
        return integer(token.value);
      case Type.bytes:
        return Buffer.from(token.value as Uint8Array).toString(this.#encoding);
      case Type.string:
        if (token.byteValue !== undefined && !isUtf8(token.byteValue))
          throw new CBORError('cbor: invalid UTF-8 string');
        return token.value;
      case Type.float:
        if (!Number.isFinite(token.value)) throw new CBORError('cbor: NaN and infinity are not accepted');
        return token.value;
      case Type.true:
      case Type.false:
      case Type.null:
        return token.value;
      case Type.break:
        return BREAK;
      case Type.array:
        return this.#nested(() => this.#list(token.value as Length));
      case Type.map:
        return this.#nested(() => this.#map(token.value as Length));
      case Type.tag:
        return this.#nested(() => this.#tagged(token.value as number));
      default:
        throw new CBORError('cbor: simple value is not recognized');
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new CBORError(`cbor: exceeded max nested level ${MAX_DEPTH}`);
    const value = read();
    this.#depth--;
    return value;
  }

  #list(length: Length): unknown[] {
    const list: unknown[] = [];
    while (list.length < length) {
      const element = this.#member(length);
      if (element === BREAK) break;
      list.push(element);
    }
    return list;
  }

  #map(length: Length): object {
    const map = {};
    for (let count = 0; count < length; count++) {
      const key = this.#member(length);
      if (key === BREAK) break;
      if (typeof key !== 'string') throw new CBORError('cbor: map keys must be strings');
      if (Object.hasOwn(map, key)) {
        throw new CBORError(
          `cbor: found duplicate map key ${JSON.stringify(key)} at map element index ${count}`,
        );
      }
      setOwn(map, key, this.#value());
    }
    return map;
  }

  /** Reads an element or key. A break is valid only in a container of indefinite length. */
  #member(length: Length): unknown {
    const item = this.item();
    if (item === BREAK && length !== Number.POSITIVE_INFINITY)
      throw new CBORError('cbor: unexpected "break" code');
    return item;
  }

  #value(): unknown {
    return this.#member(0);
  }

  #tagged(tag: number): unknown {
    if (tag === TAG.bignum || tag === TAG.negativeBignum) {
      throw new CBORError('cbor: cannot unmarshal bignum into Go value');
    }
    const outer = this.#encoding;
    this.#encoding = ENCODINGS.get(tag) ?? outer;
    const value = this.#value();
    this.#encoding = outer;
    if (tag === TAG.epoch && typeof value === 'number') return new Date(value * 1000).toISOString();
    return value;
  }
}

function integer(value: number | bigint): number | bigint {
  const exact = BigInt(value);
  if (exact > INT64_MAX || exact < -INT64_MAX - 1n) {
    throw new CBORError(
      `cbor: cannot unmarshal ${exact} into Go value of type int64 (${exact} overflows int64)`,
    );
  }
  return Number.isSafeInteger(Number(value)) ? Number(value) : exact;
}

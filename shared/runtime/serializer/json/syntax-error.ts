/**
 * Go's errors for invalid JSON
 * (https://github.com/kubernetes-sigs/json/blob/main/internal/golang/encoding/json/scanner.go).
 */

import { atOnce, type Pieces, shouldYield } from '../../../util/breathe.ts';
import { quote } from '../../go-format.ts';
import { DecodingError } from '../decoding-error.ts';

export class JSONSyntaxError extends DecodingError {
  override readonly name = 'JSONSyntaxError';
}

/** Maximum nesting of objects and lists. Go allows 10,000; this fits every engine's stack. */
export const MAX_DEPTH = 1000;

const CODE = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;
const LETTER_U = 0x75;
const SPACE = 0x20;
const codes = (text: string): ReadonlySet<number | undefined> => new Set(Buffer.from(text));
const SPACES = codes(' \t\r\n');
const DIGITS = codes('0123456789');
const HEX = codes('0123456789abcdefABCDEF');
const ESCAPES = codes('bfnrt\\/"');
const SIGNS = codes('+-');
const EXPONENTS = codes('eE');
const LITERALS = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word]));
const REFUSES_SPACE = /^(?:in literal|in numeric|after decimal|in exponent|in string escape|in \\u)/;

/** Go's `quoteChar` of a byte. */
function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${quote(char).slice(1, -1)}'`;
}

/** Scans bytes and throws at the first that Go's scanner rejects. */
class SyntaxChecker {
  readonly #bytes: Uint8Array;
  /** The open containers by their first byte, outermost at index 1. */
  readonly #open = new Uint8Array(MAX_DEPTH + 1);
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  *document(): Pieces<void> {
    let isValueDue = true;
    while (isValueDue || this.#depth > 0) {
      isValueDue = isValueDue ? this.#value() : this.#next();
      if (shouldYield()) yield;
    }
    this.#space();
    if (this.#at < this.#bytes.length) this.#fail('after top-level value');
  }

  #fail(context: string): never {
    // At the end Go tries a space, which is invalid in some contexts.
    const byte = this.#bytes[this.#at] ?? (REFUSES_SPACE.test(context) ? SPACE : undefined);
    throw new JSONSyntaxError(
      byte === undefined
        ? 'unexpected end of JSON input'
        : `invalid character ${quoteChar(String.fromCharCode(byte))} ${context}`,
    );
  }

  #space(): void {
    while (SPACES.has(this.#bytes[this.#at])) this.#at++;
  }

  /** Reads a scalar, or enters a container up to its first member. Returns whether the value of that member follows. */
  #value(): boolean {
    this.#space();
    const code = this.#bytes[this.#at];
    if (code === CODE.openObject || code === CODE.openList) return this.#enter(code);
    const word = LITERALS.get(code!);
    if (code === CODE.quote) this.#string();
    else if (code === CODE.minus || DIGITS.has(code)) this.#number();
    else if (word !== undefined) this.#literal(word);
    else this.#fail('looking for beginning of value');
    return false;
  }

  #enter(code: number): boolean {
    if (++this.#depth > MAX_DEPTH) this.#fail('exceeded max depth');
    this.#open[this.#depth] = code;
    this.#at++;
    this.#space();
    if (this.#leave()) return false;
    if (code === CODE.openObject) this.#key();
    return true;
  }

  /** Leaves the innermost object or list if it ends here. Returns whether it did. */
  #leave(): boolean {
    const close = this.#open[this.#depth] === CODE.openObject ? CODE.closeObject : CODE.closeList;
    if (this.#bytes[this.#at] !== close) return false;
    this.#at++;
    this.#depth--;
    return true;
  }

  /** After a member: advances to the value of the next one, or leaves. Returns whether a value follows. */
  #next(): boolean {
    this.#space();
    if (this.#leave()) return false;
    const isObject = this.#open[this.#depth] === CODE.openObject;
    if (this.#bytes[this.#at] !== CODE.comma)
      this.#fail(isObject ? 'after object key:value pair' : 'after array element');
    this.#at++;
    if (isObject) this.#key();
    return true;
  }

  #key(): void {
    this.#space();
    if (this.#bytes[this.#at] !== CODE.quote) this.#fail('looking for beginning of object key string');
    this.#string();
    this.#space();
    if (this.#bytes[this.#at] !== CODE.colon) this.#fail('after object key');
    this.#at++;
  }

  #string(): void {
    for (this.#at++; this.#bytes[this.#at] !== CODE.quote; this.#at++) {
      const code = this.#bytes[this.#at];
      if (code === undefined || code < SPACE) this.#fail('in string literal');
      if (code === CODE.backslash) this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    this.#at++;
    if (this.#bytes[this.#at] !== LETTER_U) {
      if (!ESCAPES.has(this.#bytes[this.#at])) this.#fail('in string escape code');
      return;
    }
    for (let digit = 0; digit < 4; digit++) {
      this.#at++;
      if (!HEX.has(this.#bytes[this.#at])) this.#fail('in \\u hexadecimal character escape');
    }
  }

  /** Reads at least one digit. */
  #digits(context: string): void {
    if (!DIGITS.has(this.#bytes[this.#at])) this.#fail(context);
    while (DIGITS.has(this.#bytes[this.#at])) this.#at++;
  }

  #number(): void {
    if (this.#bytes[this.#at] === CODE.minus) this.#at++;
    if (this.#bytes[this.#at] === CODE.zero) this.#at++;
    else this.#digits('in numeric literal');
    if (this.#bytes[this.#at] === CODE.dot) {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (EXPONENTS.has(this.#bytes[this.#at])) {
      this.#at++;
      if (SIGNS.has(this.#bytes[this.#at])) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
  }

  #literal(word: string): void {
    this.#at++;
    for (const char of word.slice(1)) {
      if (this.#bytes[this.#at] !== char.charCodeAt(0))
        this.#fail(`in literal ${word} (expecting '${char}')`);
      this.#at++;
    }
  }
}

/** Throws `JSONSyntaxError` with Go's text unless `bytes` is a single JSON value. */
export function checkSyntax(bytes: Uint8Array): void {
  atOnce(checkSyntaxInPieces(bytes));
}

/** Like `checkSyntax`. */
export function checkSyntaxInPieces(bytes: Uint8Array): Pieces<void> {
  return new SyntaxChecker(bytes).document();
}

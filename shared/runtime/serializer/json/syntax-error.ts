/**
 * What Go says of bytes that are no JSON
 * (https://github.com/kubernetes-sigs/json/blob/main/internal/golang/encoding/json/scanner.go).
 */

import { quote } from '../../go-format.ts';
import { DecodingError } from '../decoding-error.ts';

export class JSONSyntaxError extends DecodingError {
  override readonly name = 'JSONSyntaxError';
}

/** Objects and lists within each other: Go allows 10,000; this many fit every engine's stack. */
export const MAX_DEPTH = 1000;

const DIGITS = new Set('0123456789');
const HEX = new Set('0123456789abcdefABCDEF');
const ESCAPES = new Set('bfnrt\\/"');
const REFUSES_SPACE = /^(?:in literal|in numeric|after decimal|in exponent|in string escape|in \\u)/;
const SPACE = new Set(' \t\r\n');

/** Go's `quoteChar`, of a byte. */
function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return `'"'`;
  return `'${quote(char).slice(1, -1)}'`;
}

/** Walks bytes (as Latin-1 characters) and throws at the first that Go's scanner refuses. */
class SyntaxChecker {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
  }

  #fail(context: string): never {
    // At the end Go tries a space, which some places don't take.
    const char = this.#text[this.#at] ?? (REFUSES_SPACE.test(context) ? ' ' : undefined);
    throw new JSONSyntaxError(
      char === undefined ? 'unexpected end of JSON input' : `invalid character ${quoteChar(char)} ${context}`,
    );
  }

  #space(): void {
    while (SPACE.has(this.#text[this.#at]!)) this.#at++;
  }

  #expect(chars: ReadonlySet<string>, context: string): void {
    if (!chars.has(this.#text[this.#at]!)) this.#fail(context);
    this.#at++;
  }

  #digits(): void {
    while (DIGITS.has(this.#text[this.#at]!)) this.#at++;
  }

  #value(): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') this.#nested(() => this.#object());
    else if (char === '[') this.#nested(() => this.#list());
    else if (char === '"') this.#string();
    else if (char === '-' || DIGITS.has(char!)) this.#number();
    else if (char === 't') this.#literal('true');
    else if (char === 'f') this.#literal('false');
    else if (char === 'n') this.#literal('null');
    else this.#fail('looking for beginning of value');
  }

  #nested(read: () => void): void {
    if (++this.#depth > MAX_DEPTH) this.#fail('exceeded max depth');
    this.#at++;
    this.#space();
    read();
    this.#at++;
    this.#depth--;
  }

  #object(): void {
    if (this.#text[this.#at] === '}') return;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail('after object key');
      this.#at++;
      this.#value();
      this.#space();
      if (this.#text[this.#at] === '}') return;
      if (this.#text[this.#at] !== ',') this.#fail('after object key:value pair');
      this.#at++;
    }
  }

  #list(): void {
    if (this.#text[this.#at] === ']') return;
    for (;;) {
      this.#value();
      this.#space();
      if (this.#text[this.#at] === ']') return;
      if (this.#text[this.#at] !== ',') this.#fail('after array element');
      this.#at++;
    }
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined || char < ' ') this.#fail('in string literal');
      if (char === '\\') {
        this.#at++;
        if (this.#text[this.#at] === 'u') this.#unicodeEscape();
        else if (!ESCAPES.has(this.#text[this.#at]!)) this.#fail('in string escape code');
      }
    }
    this.#at++;
  }

  #unicodeEscape(): void {
    for (let digit = 0; digit < 4; digit++) {
      this.#at++;
      if (!HEX.has(this.#text[this.#at]!)) this.#fail('in \\u hexadecimal character escape');
    }
  }

  #number(): void {
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else {
      this.#expect(DIGITS, 'in numeric literal');
      this.#digits();
    }
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#expect(DIGITS, 'after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      this.#expect(DIGITS, 'in exponent of numeric literal');
      this.#digits();
    }
  }

  #literal(word: string): void {
    this.#at++;
    for (const char of word.slice(1)) {
      if (this.#text[this.#at] !== char) this.#fail(`in literal ${word} (expecting '${char}')`);
      this.#at++;
    }
  }
}

/** Throws `JSONSyntaxError` with Go's text unless `bytes` are one JSON value. Slow: for bytes known to be bad. */
export function checkSyntax(bytes: Uint8Array): void {
  new SyntaxChecker(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
  ).document();
}

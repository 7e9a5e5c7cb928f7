/** Reads JSON token by token. The text must be valid: syntax errors aren't detected. */

import { JSONSyntaxError, MAX_DEPTH } from './syntax-error.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The first character of a value, as returned by `JSONCursor.peek`. */
export const CHAR = {
  string: QUOTE,
  list: OPEN_LIST,
  object: OPEN_OBJECT,
  true: 0x74,
  false: 0x66,
  null: 0x6e,
} as const;

export class JSONCursor {
  readonly text: string;
  at = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Skips white space and returns the code of the next character. */
  peek(): number {
    let code = this.text.charCodeAt(this.at);
    while (code <= 0x20) code = this.text.charCodeAt(++this.at);
    return code;
  }

  /** Enters the object or list at the current position. */
  enter(): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new JSONSyntaxError(`invalid character '${this.text[this.at]}' exceeded max depth`);
    }
    this.at++;
  }

  /** After `enter` or a member: whether another member follows. Leaves the object or list if not. */
  more(): boolean {
    const code = this.peek();
    if (code === COMMA) {
      this.at++;
      return true;
    }
    if (code !== CLOSE_LIST && code !== CLOSE_OBJECT) return true;
    this.at++;
    this.#depth--;
    return false;
  }

  /** Reads the next key of an object and the colon after it. */
  key(): string {
    this.peek();
    const key = this.string();
    this.peek();
    this.at++;
    return key;
  }

  string(): string {
    const start = this.at + 1;
    let end = start;
    for (;;) {
      const code = this.text.charCodeAt(end);
      if (code === QUOTE) break;
      if (code === BACKSLASH) return this.#escaped();
      end++;
    }
    this.at = end + 1;
    return this.text.slice(start, end);
  }

  /** Replaces lone surrogates by U+FFFD, like Go. */
  #escaped(): string {
    const start = this.at;
    this.#skipString();
    return (JSON.parse(this.text.slice(start, this.at)) as string).replace(/\p{Surrogate}/gu, '\ufffd');
  }

  #skipString(): void {
    let at = this.at + 1;
    for (let code = this.text.charCodeAt(at); code !== QUOTE; code = this.text.charCodeAt(at)) {
      at += code === BACKSLASH ? 2 : 1;
    }
    this.at = at + 1;
  }

  /** A number, true, false or null, verbatim. */
  literal(): string {
    const start = this.at;
    let code = this.text.charCodeAt(this.at);
    while (code > 0x20 && code !== COMMA && code !== CLOSE_LIST && code !== CLOSE_OBJECT) {
      code = this.text.charCodeAt(++this.at);
    }
    return this.text.slice(start, this.at);
  }

  /** Skips any value. */
  skip(): void {
    let depth = this.#depth;
    const outer = depth;
    do {
      const code = this.peek();
      if (code === QUOTE) this.#skipString();
      else if (code === OPEN_OBJECT || code === OPEN_LIST) {
        this.at++;
        if (++depth > MAX_DEPTH) {
          throw new JSONSyntaxError(`invalid character '${this.text[this.at - 1]}' exceeded max depth`);
        }
      } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
        this.at++;
        depth--;
      } else if (code === COMMA || code === COLON) this.at++;
      else this.literal();
    } while (depth > outer);
  }

  /** Any value, verbatim. */
  raw(): string {
    this.peek();
    const start = this.at;
    this.skip();
    return this.text.slice(start, this.at);
  }
}

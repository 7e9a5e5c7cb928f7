/**
 * Standard base64 as accepted by Go: padded, with line breaks allowed (https://pkg.go.dev/encoding/base64#StdEncoding).
 */

import { DecodingError } from '../decoding-error.ts';

/** Invalid base64; the message is Go's. */
export class Base64Error extends DecodingError {
  override readonly name = 'Base64Error';

  constructor(offset: number) {
    super(`illegal base64 data at input byte ${offset}`);
  }
}

const isAlphabet = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2f;
const isLineBreak = (char: string | undefined): boolean => char === '\n' || char === '\r';

/** Last characters without stray bits, before one or two padding characters. */
const ENDS_BEFORE_PAD = /[AEIMQUYcgkosw048]=$|[AQgw]==$/;

/** Normalizes base64: removes line breaks and stray bits. Throws `Base64Error`. */
export function canonicalBase64(text: string): string {
  const body = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  const canonical =
    text.length % 4 === 0 &&
    !/[^A-Za-z0-9+/]/.test(text.slice(0, body)) &&
    (body === text.length || ENDS_BEFORE_PAD.test(text));
  return canonical ? text : Buffer.from(checkBase64(text), 'base64').toString('base64');
}

/** Scans the text in quanta of four characters and throws where Go fails; returns it unchanged. */
function checkBase64(text: string): string {
  let at = 0;
  while (at < text.length) {
    for (let digit = 0; digit < 4; ) {
      if (at === text.length) {
        if (digit === 0) return text;
        throw new Base64Error(at - digit);
      }
      const char = text[at++];
      if (isAlphabet(text.charCodeAt(at - 1))) digit++;
      else if (!isLineBreak(char)) {
        checkPadding(text, at, char, digit);
        return text;
      }
    }
  }
  return text;
}

/** `at` is the position after `char`, the first character of a quantum that isn't in the alphabet. */
function checkPadding(text: string, at: number, char: string | undefined, digit: number): void {
  if (char !== '=' || digit < 2) throw new Base64Error(at - 1);
  const skipLineBreaks = (from: number): number => {
    let next = from;
    while (isLineBreak(text[next])) next++;
    return next;
  };
  let end = at;
  if (digit === 2) {
    end = skipLineBreaks(end);
    if (end === text.length) throw new Base64Error(end);
    if (text[end] !== '=') throw new Base64Error(end - 1);
    end++;
  }
  end = skipLineBreaks(end);
  if (end < text.length) throw new Base64Error(end);
}

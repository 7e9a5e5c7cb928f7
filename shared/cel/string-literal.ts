/** Evaluates string and bytes tokens. */

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
};

export class LiteralError extends Error {
  override readonly name = 'LiteralError';
}

interface Body {
  readonly text: string;
  readonly raw: boolean;
}

function body(token: string): Body {
  const raw = token[0] === 'r' || token[0] === 'R';
  const quoted = raw ? token.slice(1) : token;
  const quotes = quoted.length >= 6 && /^("""|''')/.test(quoted) ? 3 : 1;
  const text = quoted.slice(quotes, -quotes).replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  return { text, raw };
}

/** Code points of the unescaped text. Throws `LiteralError`. */
function* unescaped(
  text: string,
  kindOfToken: 'string' | 'bytes',
): Iterable<{ readonly code: number; readonly byte: boolean }> {
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i)!;
    if (code !== 92) {
      yield { code, byte: false };
      i += code > 0xffff ? 2 : 1;
      continue;
    }
    const kind = text[i + 1]!;
    const simple = SIMPLE[kind];
    if (simple !== undefined) {
      yield { code: simple, byte: false };
      i += 2;
    } else if (kind === 'x' || kind === 'X') {
      yield { code: Number.parseInt(text.slice(i + 2, i + 4), 16), byte: true };
      i += 4;
    } else if (kind === 'u' || kind === 'U') {
      if (kindOfToken === 'bytes') throw new LiteralError('unable to unescape string');
      const digits = kind === 'u' ? 4 : 8;
      const point = Number.parseInt(text.slice(i + 2, i + 2 + digits), 16);
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
        throw new LiteralError('invalid unicode code point');
      }
      yield { code: point, byte: false };
      i += 2 + digits;
    } else {
      yield { code: Number.parseInt(text.slice(i + 1, i + 4), 8), byte: true };
      i += 4;
    }
  }
}

/** The value of a STRING token. Throws `LiteralError`. */
export function stringLiteral(token: string): string {
  const { text, raw } = body(token);
  if (raw || !text.includes('\\')) return text;
  return Array.from(unescaped(text, 'string'), (point) => String.fromCodePoint(point.code)).join('');
}

/** The value of a BYTES token: UTF-8, with `\x` and octal escapes as single bytes. Throws `LiteralError`. */
export function bytesLiteral(token: string): Uint8Array {
  const { text, raw } = body(token.slice(1));
  if (raw) return new TextEncoder().encode(text);
  const parts = Array.from(unescaped(text, 'bytes'), (point) =>
    point.byte ? [point.code] : [...Buffer.from(String.fromCodePoint(point.code))],
  );
  return Uint8Array.from(parts.flat());
}

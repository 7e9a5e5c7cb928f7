import { DecodingError } from '../decoding-error.ts';

/** Encodings other than UTF-8, by their byte order mark. */
const MARKED: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes the text of YAML like Go's reader (https://github.com/yaml/go-yaml/blob/v2/readerc.go). Throws
 * `DecodingError`.
 */
export function textOfYAML(bytes: Uint8Array): string {
  const marked = MARKED.find(([mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return new TextDecoder(marked[1]).decode(bytes);
  try {
    return strict.decode(bytes);
  } catch {
    throw new DecodingError(`yaml: ${faultOf(bytes)}`);
  }
}

/** The error for the first bytes that aren't UTF-8. */
function faultOf(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const width =
      first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    let value = width === 1 ? first : first & (0xff >> (width + 1));
    for (const octet of bytes.subarray(at + 1, at + width)) {
      if ((octet & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
      value = (value << 6) | (octet & 0x3f);
    }
    if (value < SHORTEST[width]!) return 'invalid length of a UTF-8 sequence';
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return 'invalid Unicode character';
    at += width;
  }
  return 'invalid Unicode character';
}

/** The smallest code point by number of bytes. */
const SHORTEST = [0, 0, 0x80, 0x800, 0x10000];

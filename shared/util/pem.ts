/** Reads PEM as Go's encoding/pem does: text around blocks, and malformed blocks, are skipped. */

export interface PEMBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
  /** From its first line to its last. */
  readonly text: string;
}

const BEGIN = /(?:^|\n)-----BEGIN ([^\n]*)-----[ \t\r]*\n/g;
const END = '\n-----END ';

/**
 * Linear time: each part of `text` is scanned a constant number of times, however many blocks begin in it without an
 * end.
 */
export function* decodePEM(text: string): Generator<PEMBlock> {
  const begins = new RegExp(BEGIN);
  let begin = begins.exec(text);
  let end = -1;
  while (begin !== null) {
    const type = begin[1]!;
    const { headers, start } = headersFrom(text, begin.index + begin[0].length);
    // The line break may be the one that ends the BEGIN line.
    if (end < start - 1) end = text.indexOf(END, start - 1);
    if (end === -1) return;
    begins.lastIndex = start - 1;
    const next = begins.exec(text);
    const isWhole = next === null || next.index >= end;
    const close = isWhole ? closeOf(text, end, type) : undefined;
    const body = close === undefined ? undefined : text.slice(start, end).replace(/[ \t\r\n]/g, '');
    if (close === undefined || body === undefined || !isBase64(body)) {
      begin = next;
      continue;
    }
    const first = begin.index + (text[begin.index] === '\n' ? 1 : 0);
    yield { type, headers, bytes: Buffer.from(body, 'base64'), text: text.slice(first, close) };
    // The line break that ends a block may precede the next BEGIN.
    begins.lastIndex = close;
    begin = begins.exec(text);
  }
}

function headersFrom(text: string, from: number): { headers: Map<string, string>; start: number } {
  const headers = new Map<string, string>();
  let start = from;
  for (;;) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end === -1 ? undefined : end);
    const colon = line.indexOf(':');
    if (colon === -1 || end === -1) return { headers, start };
    headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    start = end + 1;
  }
}

/** End of the closing line of a block of this type; undefined if the line closes another type or has trailing text. */
function closeOf(text: string, end: number, type: string): number | undefined {
  const tail = `${END}${type}-----`;
  if (!text.startsWith(tail, end)) return undefined;
  const close = end + tail.length;
  const lineEnd = text.indexOf('\n', close);
  return text.slice(close, lineEnd === -1 ? undefined : lineEnd).trim() === '' ? close : undefined;
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

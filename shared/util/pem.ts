/** PEM as Go's encoding/pem reads it: what stands around blocks, and blocks that are broken, are passed over. */

export interface PEMBlock {
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

const BEGIN = /(?:^|\n)-----BEGIN ([^\n]*)-----[ \t\r]*\n/g;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function* decodePEM(text: string): Generator<PEMBlock> {
  let at = 0;
  for (;;) {
    BEGIN.lastIndex = at;
    const begin = BEGIN.exec(text);
    if (begin === null) return;
    const type = begin[1]!;
    let start = begin.index + begin[0].length;
    const headers = new Map<string, string>();
    for (;;) {
      const end = text.indexOf('\n', start);
      const line = text.slice(start, end === -1 ? undefined : end);
      const colon = line.indexOf(':');
      if (colon === -1 || end === -1) break;
      headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
      start = end + 1;
    }
    const close = text.slice(start).startsWith('-----END ') ? start : text.indexOf('\n-----END ', start);
    if (close === -1) return;
    const body = text.slice(start, close).replace(/[ \t\r\n]/g, '');
    const tail = text.slice(close).replace(/^\n/, '');
    const isClosed = tail.startsWith(`-----END ${type}-----`);
    const [rest = ''] = tail.slice(`-----END ${type}-----`.length).split('\n');
    if (!isClosed || rest.trim() !== '' || !BASE64.test(body)) {
      at = start;
      continue;
    }
    yield { type, headers, bytes: Buffer.from(body, 'base64') };
    // The line break that ends a block may begin the next.
    at = close + (text.length - close - tail.length) + `-----END ${type}-----`.length;
  }
}

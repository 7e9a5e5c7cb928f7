/** Lambda's response streaming format: metadata as JSON, eight NUL bytes, then the body. */

export interface Prelude {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
}

const DELIMITER = Buffer.alloc(8);

/** Splits a stream at the delimiter. Throws if the stream ends before it. */
export async function readPrelude(
  chunks: AsyncIterable<Buffer>,
): Promise<{ metadata: Prelude; body: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const at = head.indexOf(DELIMITER);
    if (at >= 0) {
      const metadata = JSON.parse(head.subarray(0, at).toString('utf8')) as Prelude;
      return { metadata, body: rest(head.subarray(at + DELIMITER.length), iterator) };
    }
    const next = await iterator.next();
    if (next.done) throw new Error('the function ended its stream before the response metadata was complete');
    head = Buffer.concat([head, next.value]);
  }
}

async function* rest(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  if (first.byteLength > 0) yield first;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

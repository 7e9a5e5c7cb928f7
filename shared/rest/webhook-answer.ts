/** What webhooks answer, as it comes and as it is read. */

import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { checkSyntaxInPieces } from '../runtime/serializer/json/syntax-error.ts';
import { parseInPieces } from '../runtime/serializer/json/untyped-decoders.ts';
import { inPieces, READ_AT_ONCE } from '../util/breathe.ts';
import { parseJSON } from '../util/exact-json.ts';
import { textOfBytes } from '../util/text-of-bytes.ts';

/** An answer larger than any object is an attack, or a mistake. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** After which the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;
}

/** Of a large one in pieces. Throws SyntaxError, or what says where it is wrong. */
export async function readJSON(answer: Uint8Array): Promise<unknown> {
  if (answer.length <= READ_AT_ONCE) return parseJSON(textOfBytes(answer));
  await inPieces(checkSyntaxInPieces(answer));
  return inPieces(parseInPieces(textOfBytes(answer)));
}

/** Milliseconds; undefined: it is not to be asked again. */
function retryAfterOf({ statusCode: status = 0, headers }: IncomingMessage): number | undefined {
  const seconds = headers['retry-after'] ?? '';
  return (status === 429 || status >= 500) && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** The whole body, unpacked; `fail` is told where it doesn't come. */
export function readBody(
  response: IncomingMessage,
  fail: (error: Error) => void,
  resolve: (answer: WebhookAnswer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const isPacked = response.headers['content-encoding']?.toLowerCase() === 'gzip';
  // Whichever of the two ends early ends the other, and with it the connection.
  const plain = isPacked ? pipeline(response, createGunzip(), () => undefined) : response;
  plain.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) plain.destroy(new Error('http: response body too large'));
    else chunks.push(chunk);
  });
  plain.on('error', fail);
  response.on('error', fail);
  const { statusCode: status = 0, headers } = response;
  plain.on('end', () =>
    resolve({
      status,
      contentType: headers['content-type'] ?? '',
      body: Buffer.concat(chunks),
      retryAfterMs: retryAfterOf(response),
    }),
  );
}

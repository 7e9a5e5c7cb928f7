/** Reads and parses the answers of webhooks. */

import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StatusError } from '../meta/status-error.ts';

/** Larger than any object, so a larger answer is an attack or a mistake. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** Delay after which the server asks the client to retry. */
  readonly retryAfterMs: number | undefined;
}

/** Milliseconds; undefined if the call must not be retried. */
function retryAfterOf({ statusCode: status = 0, headers }: IncomingMessage): number | undefined {
  const seconds = headers['retry-after'] ?? '';
  return (status === 429 || status >= 500) && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

export interface BodyReader {
  /** Called with the number of bytes read so far; throws to end the reading. */
  readonly received?: ((bytes: number) => void) | undefined;
  /** Called with a StatusError of `received`, which is for the API's client; others make the body unreadable. */
  refuse(error: StatusError): void;
  /** Called if the body can't be read. */
  fail(error: Error): void;
  resolve(answer: WebhookAnswer): void;
}

/** Reads and decompresses the whole body. */
export function readBody(response: IncomingMessage, { received, refuse, fail, resolve }: BodyReader): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const hasRoom = (bytes: number): boolean => {
    try {
      received?.(bytes);
      return true;
    } catch (error) {
      if (error instanceof StatusError) refuse(error);
      plain.destroy(error as Error);
      return false;
    }
  };
  const isPacked = response.headers['content-encoding']?.toLowerCase() === 'gzip';
  // If either stream ends early, the pipeline destroys the other, which closes the connection.
  const plain = isPacked ? pipeline(response, createGunzip(), () => undefined) : response;
  plain.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) plain.destroy(new Error('http: response body too large'));
    else if (hasRoom(size)) chunks.push(chunk);
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

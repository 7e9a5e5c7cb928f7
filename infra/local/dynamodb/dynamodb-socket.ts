/**
 * Serves the embedded emulator to other processes of the same user: DynamoDB's JSON on a socket in a private folder.
 */

import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallFailure, Connection, Operation } from '../../../shared/storage/dynamodb/connection.ts';

export interface DynamoDBSocket {
  /** `unix:PATH` */
  readonly endpoint: string;
  close(): void;
}

/** Maximum bytes of a request, like DynamoDB's. */
const MAX_REQUEST = 16 * 1024 * 1024;

/** Maximum bytes of a socket's path, on the platform with the lowest limit. */
const MAX_PATH = 103;

/** Errors after which a call surely had no effect; other errors without a status leave that open. */
const NOT_SENT = new Set(['ECONNREFUSED']);

/**
 * Listens in `folder`, which must be private, or in a private temporary folder if its path is too long for a socket.
 */
export async function openDynamoDBSocket(connection: Connection, folder: string): Promise<DynamoDBSocket> {
  let path = join(folder, 'dynamodb.socket');
  let made: string | undefined;
  if (Buffer.byteLength(path) > MAX_PATH) {
    made = mkdtempSync(join(tmpdir(), 'zeroplane-'));
    path = join(made, 'dynamodb.socket');
  }
  // Left behind by a killed process.
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    answer(connection, request, response).catch(() => response.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return {
    endpoint: `unix:${path}`,
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(made ?? path, { recursive: true, force: true });
    },
  };
}

async function answer(
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_REQUEST) throw new Error('the request is too large');
    chunks.push(chunk as Buffer);
  }
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) as Operation;
  const send = (status: number, body: object) => {
    const text = Buffer.from(JSON.stringify(body));
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': text.length })
      .end(text);
  };
  try {
    send(200, await connection.send(operation, JSON.parse(Buffer.concat(chunks).toString())));
  } catch (error) {
    const { name, message, $metadata, Item, CancellationReasons } = error as CallFailure;
    const status = $metadata?.httpStatusCode ?? (NOT_SENT.has(name) ? 503 : 500);
    send(status, { __type: name, message, Item, CancellationReasons });
  }
}

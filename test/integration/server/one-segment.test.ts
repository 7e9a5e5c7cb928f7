/**
 * HTTP/1.1 over TLS: a request's head and body are separate records, and may arrive together at an inconvenient time.
 */

import { once } from 'node:events';
import { connect as connectTCP } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpsServer, startHttpsServer } from '../../../infra/local/http/https-server.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { newLogger } from '../../../shared/util/logger.ts';

/** More than the socket buffers of both sides hold. */
const MUCH = 16 << 20;
let listener: HttpsServer;
beforeAll(async () => {
  const { certificate, key } = await issueCertificate({ name: 'CN=a', usage: 'server', hosts: ['a'] });
  listener = await startHttpsServer({
    logger: newLogger(() => undefined),
    // A GET gets a large response, any other request the length of its body.
    handler: async ({ method, readBody }) => {
      const body = await readBody?.(MUCH, 'a');
      const answer = method === 'GET' ? Buffer.alloc(MUCH, '.') : Buffer.from(`<${body?.byteLength}>`);
      return { status: 200, headers: {}, body: answer };
    },
    address: '127.0.0.1',
    port: 0,
    certificate,
    key,
  });
});
afterAll(() => listener.close(0));

/** A client, and a function that sends pieces, each a record, in one segment. */
async function openInPieces(): Promise<[TLSSocket, (...pieces: (string | Buffer)[]) => Promise<void>]> {
  const wire = connectTCP(listener.port, '127.0.0.1').setNoDelay(true);
  let kept: Buffer[] | undefined;
  const way = new Duplex({
    write: (chunk: Buffer, _, done) => {
      if (kept === undefined) wire.write(chunk);
      else kept.push(chunk);
      done();
    },
    read: () => wire.resume(),
    final: (done) => wire.end(done),
    destroy: (error, done) => done(wire.destroy() && error),
  });
  wire.on('data', (chunk) => way.push(chunk) || wire.pause()).on('end', () => way.push(null));
  const socket = connect({ socket: way, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  kept = [];
  const send = async (...pieces: (string | Buffer)[]): Promise<void> => {
    for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
    wire.write(Buffer.concat(kept ?? []));
    kept = [];
  };
  return [socket, send];
}

test.each([
  ['one record', [10]],
  ['two records', [16_384, 10]],
  ['many records', Array<number>(30).fill(16_384)],
])(
  'a body of %s, in one segment with its head, while a response waits for the client',
  async (_, records) => {
    const [socket, send] = await openInPieces();
    await send('GET /much HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'readable');
    // The server can't send its response, and takes no requests meanwhile.
    const length = records.reduce((sum, bytes) => sum + bytes);
    const head = `POST /little HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
    await send(head, ...records.map((bytes) => Buffer.alloc(bytes, 'x')));
    let said = '';
    for await (const chunk of socket) said = (said + chunk).slice(-1000);
    const lines = said.replace(/^\.*/, '').split('\r\n');
    expect([lines[0], lines.at(-1)]).toEqual(['HTTP/1.1 200 OK', `<${length}>`]);
  },
);

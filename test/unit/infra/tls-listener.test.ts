/** kube-apiserver's flags for TLS and HTTP/2, at a listener. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpsServer, startHttpsServer } from '../../../infra/local/http/https-server.ts';
import { LISTENER_FLAGS, readListenerFlags } from '../../../infra/local/listener-flags.ts';
import { flagsOfArguments } from '../../../shared/server/options/parse-options.ts';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { newLogger } from '../../../shared/util/logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'tls-listener-'));
const servers: HttpsServer[] = [];
let own: Awaited<ReturnType<typeof issueCertificate>>;

beforeAll(async () => {
  own = await issueCertificate({ name: 'CN=own', usage: 'server', hosts: ['localhost'] });
  for (const [name, hosts] of [
    ['a', ['a.test', '*.a.test']],
    ['b', ['b.test', 'a.test']],
  ] as const) {
    const made = await issueCertificate({ name: `CN=${name}`, usage: 'server', hosts: [...hosts] });
    writeFileSync(join(folder, `${name}.crt`), made.certificate);
    writeFileSync(join(folder, `${name}.key`), made.key);
  }
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close(0)));
  rmSync(folder, { recursive: true });
});

async function listen(...args: string[]): Promise<number> {
  const { options, errors } = readListenerFlags(flagsOfArguments(args));
  expect(errors).toEqual([]);
  const server = await startHttpsServer({
    logger: newLogger(() => {}),
    handler: async () => ({ status: 200, headers: {}, body: new Uint8Array() }),
    ...{ address: '127.0.0.1', port: 0, certificate: own.certificate, key: own.key, flags: options },
  });
  servers.push(server);
  return server.port;
}

interface Met {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly name: string;
  readonly alpn: string | false | null;
}

/** The negotiated connection, or the error code of the handshake. */
function meet(port: number, options: ConnectionOptions = {}): Promise<Met | string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
      const name = socket.getPeerCertificate().subject.CN;
      const cipher = socket.getCipher().standardName;
      resolve({ protocol: socket.getProtocol(), cipher, name: String(name), alpn: socket.alpnProtocol });
      socket.destroy();
    });
    socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
  });
}

test('a certificate for each name, the first match, explicit names before its own', async () => {
  const pair = (name: string) => `${join(folder, `${name}.crt`)},${join(folder, `${name}.key`)}`;
  const port = await listen(
    '--tls-sni-cert-key',
    pair('a'),
    '--tls-sni-cert-key',
    `${pair('b')}:c.test,B.test`,
  );
  const names = ['a.test', 'x.a.test', 'x.y.a.test', 'b.test', 'c.test', 'd.test'];
  const met = await Promise.all(names.map((servername) => meet(port, { servername })));
  expect(met.map((one) => (one as Met).name)).toEqual(['a', 'a', 'own', 'b', 'b', 'own']);
  expect((await meet(port)) as Met).toMatchObject({ name: 'own' });
});

/** Its name in different versions of OpenSSL. */
const HANDSHAKE_FAILURE = /^ERR_SSL_SSL(V3|\/TLS)_ALERT_HANDSHAKE_FAILURE$/;

test('TLS 1.2 suites not listed are not negotiated', async () => {
  const port = await listen(
    '--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256',
  );
  const old = { maxVersion: 'TLSv1.2' } as const;
  expect(await meet(port, { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toMatch(HANDSHAKE_FAILURE);
  expect(await meet(port, old)).toMatchObject({
    protocol: 'TLSv1.2',
    cipher: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  });
  expect(await meet(port)).toMatchObject({ protocol: 'TLSv1.3' });
});

test('curves and the version', async () => {
  const port = await listen('--tls-curve-preferences=24', '--tls-min-version=VersionTLS13');
  expect(await meet(port, { ecdhCurve: 'P-384' })).toMatchObject({ protocol: 'TLSv1.3' });
  expect(await meet(port, { ecdhCurve: 'P-256' })).toMatch(HANDSHAKE_FAILURE);
  expect(await meet(port, { maxVersion: 'TLSv1.2' })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('without HTTP/2', async () => {
  const port = await listen('--disable-http2-serving');
  expect(await meet(port, { ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ alpn: 'http/1.1' });
  expect(await meet(port, { ALPNProtocols: ['h2'] })).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
  expect(await meet(await listen(), { ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ alpn: 'h2' });
});

test.each([
  ['--tls-cipher-suites=x', "Cipher suite x not supported or doesn't exist"],
  ['--tls-curve-preferences=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['--tls-curve-preferences=99', 'curve preference 99 is not supported'],
  ['--tls-sni-cert-key=x', 'expected comma separated certificate and key file paths'],
  ['--tls-sni-cert-key=x,y:', 'empty names list is not allowed'],
  ['--tls-min-version=x', 'unknown tls version "x"'],
])('%s is rejected', (argument, why) => {
  const [flag, value] = argument.slice(2).split('=');
  expect(Object.values(LISTENER_FLAGS).map((one) => one.flag)).toContain(flag);
  expect(readListenerFlags(flagsOfArguments([argument])).errors).toEqual([
    `invalid argument "${value}" for "--${flag}" flag: ${why}`,
  ]);
});

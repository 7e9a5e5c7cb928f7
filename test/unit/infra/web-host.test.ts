import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../infra/build/bundle-options.ts';
import { gatewayRequest } from '../../../infra/host/gateway-request.ts';
import { hostMemory } from '../../../infra/host/host-memory.ts';
import { listenAddress } from '../../../infra/host/web-host.ts';
import { type ApiRequest, headerFields } from '../../../shared/request/api-request.ts';

test.each([
  ['0.0.0.0:3000', { host: '0.0.0.0', port: 3000 }],
  ['http://127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
])('%s is an address', (text, address) => {
  expect(listenAddress(text)).toEqual(address);
});

test.each(['', '3000', 'host', 'host:x', 'host:65536'])('%j is not an address', (text) => {
  expect(() => listenAddress(text)).toThrow(`AWS_LAMBDA_HTTP_ENDPOINT=${text}: ADDRESS:PORT was expected`);
});

describe('request headers from a gateway', () => {
  const came = (headers: Readonly<Record<string, string>>): ApiRequest => ({
    method: 'GET',
    path: '/api',
    query: new URLSearchParams(),
    host: 'host.internal',
    headers: headerFields(Object.entries({ accept: '*/*', ...headers })),
    body: new Uint8Array(),
    remoteAddress: '10.0.0.1',
    signal: new AbortController().signal,
    canStream: true,
  });
  const said = {
    'x-zeroplane-host': 'acme.k8s.example.com',
    'x-zeroplane-source': '203.0.113.9',
    'x-zeroplane-api': 'abc',
    'x-zeroplane-stage': 'v1',
  };
  const shown = (headers: Readonly<Record<string, string>>, secret?: string, region = 'eu-west-1') => {
    const { request, endpoint } = gatewayRequest(came(headers), { secret, region }) ?? {};
    return (
      request && {
        host: request.host,
        from: request.remoteAddress,
        names: [...request.headers.keys()],
        endpoint,
      }
    );
  };

  test.each<[string, Record<string, string>, string | undefined, string, object | undefined]>([
    [
      'is trusted with the secret',
      { ...said, 'x-zeroplane-gateway': 's3cret' },
      's3cret',
      'eu-west-1',
      {
        host: 'acme.k8s.example.com',
        from: '203.0.113.9',
        names: ['accept'],
        endpoint: 'https://abc.execute-api.eu-west-1.amazonaws.com/v1',
      },
    ],
    [
      'has another suffix in China',
      { ...said, 'x-zeroplane-gateway': 's3cret' },
      's3cret',
      'cn-north-1',
      expect.objectContaining({
        endpoint: 'https://abc.execute-api.cn-north-1.amazonaws.com.cn/v1',
      }) as object,
    ],
    ['is ignored without the secret', said, 's3cret', 'eu-west-1', undefined],
    [
      'is ignored with another secret',
      { ...said, 'x-zeroplane-gateway': 's3creT' },
      's3cret',
      'eu-west-1',
      undefined,
    ],
    [
      'is ignored without a gateway',
      { ...said, 'x-zeroplane-gateway': 's3cret' },
      undefined,
      'eu-west-1',
      { host: 'host.internal', from: '10.0.0.1', names: ['accept'], endpoint: undefined },
    ],
  ])('%s', (_, headers, secret, region, expected) => {
    expect(shown(headers, secret, region)).toEqual(expected);
  });
});

test.each([
  [128, { maxLoaded: 8, objects: 8, forms: 8 }],
  [512, { maxLoaded: 25, objects: 64, forms: 15 }],
  [2048, { maxLoaded: 179, objects: 448, forms: 107 }],
])('of %i megabytes tenants get their share', (megabytes, expected) => {
  const { maxLoaded, objectBytes, formBytes } = hostMemory(megabytes * 2 ** 20, () => 0);
  const inMB = (bytes: number) => Math.floor(bytes / 2 ** 20);
  expect({ maxLoaded, objects: inMB(objectBytes), forms: inMB(formBytes) }).toEqual(expected);
});

test('memory is short when a seventh of it is left', () => {
  const short = (used: number) => hostMemory(1000, () => used).isShort();
  expect([short(850), short(851)]).toEqual([false, true]);
});

test("the container starts the Web Function's program", () => {
  const dockerfile = readFileSync(join(root, 'infra/deploy/Dockerfile'), 'utf8');
  expect(dockerfile).toContain('CMD ["node", "index.js"]');
  expect(dockerfile).toContain('COPY functions/ ./');
});

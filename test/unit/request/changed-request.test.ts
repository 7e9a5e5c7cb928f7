import { expect, test } from 'vitest';
import { type ApiRequest, changedRequest } from '../../../shared/request/api-request.ts';

test('a request is changed selectively, and its signal stays lazy', () => {
  let made = 0;
  const { signal } = new AbortController();
  const nothing = (): undefined => undefined;
  const request: Required<ApiRequest> = {
    method: 'POST',
    path: '/api',
    query: new URLSearchParams('a=b'),
    host: 'here',
    headers: new Map([['accept', ['application/json']]]),
    body: Buffer.from('{}'),
    readBody: async () => Buffer.from('{}'),
    clientCertificates: ['certificate'],
    remoteAddress: '127.0.0.1',
    get signal() {
      made++;
      return signal;
    },
    canStream: true,
    streamBounds: { watchMs: 1, silenceMs: 2 },
    admit: async () => undefined,
    identified: nothing,
    onEnd: nothing,
    canUpgrade: true,
    countUnauthenticated: nothing,
    claimAnswer: nothing,
    claimMemory: nothing,
    convertYAML: async () => undefined as never,
  };
  const changed = changedRequest(changedRequest(request, { path: '/apis' }), { readBody: undefined });
  expect(made).toBe(0);
  expect(changed.signal).toBe(signal);
  expect({ ...changed }).toEqual({ ...request, path: '/apis', readBody: undefined });
});

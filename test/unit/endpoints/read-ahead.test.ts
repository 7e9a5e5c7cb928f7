/** Consumers of data that was read before the request was authorized. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readAhead } from '../../../shared/endpoints/routing/read-ahead.ts';
import type { RequestContext } from '../../../shared/request/request-context.ts';
import { type Getter, restObject } from '../../../shared/rest/rest-storage.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const getter = (get: Getter['get']): Getter => ({ groupResource: { group: '', resource: 'pods' }, get });
const pods = getter(async (_context, name) => restObject({ metadata: { name } } as never));
const nothing = getter(async () => {
  throw new Error('not found');
});

interface Asked {
  readonly method?: string;
  readonly query?: string;
  readonly info?: Partial<RequestContext['requestInfo']>;
}

function requestFor({ method = 'GET', query = '', info = {} }: Asked): RequestContext {
  const context = testRequestContext('default');
  return {
    ...context,
    request: { ...context.request, method, query: new URLSearchParams(query) },
    requestInfo: { ...context.requestInfo, resource: 'pods', name: 'a', ...info },
  };
}

test.each<[string, Asked, boolean]>([
  ['the newest state of one object', {}, true],
  ['a given revision', { query: 'resourceVersion=0' }, false],
  ['all objects', { info: { verb: 'list', name: '' } }, false],
  ['a watch of one object', { info: { verb: 'watch' } }, false],
  ['a subresource', { info: { subresource: 'status' } }, false],
  ['a deletion', { method: 'DELETE', info: { verb: 'delete' } }, false],
])('%s is read ahead: %3$s', (_of, asked, isRead) => {
  expect(readAhead(requestFor(asked), pods) !== undefined).toBe(isRead);
});

test('it is used once authorized, by a reader of the same object', async () => {
  const ahead = readAhead(requestFor({}), pods)!;
  expect(ahead.take(pods)).toBeUndefined();
  vi.advanceTimersByTime(1_000);
  ahead.allow();
  vi.advanceTimersByTime(60_000);
  expect(ahead.take(nothing)).toBeUndefined();
  expect((await ahead.take(pods))?.object()).toEqual({ metadata: { name: 'a' } });
});

test('an old prefetched object is read again', () => {
  const ahead = readAhead(requestFor({}), pods)!;
  vi.advanceTimersByTime(1_001);
  ahead.allow();
  expect(ahead.take(pods)).toBeUndefined();
});

test('a failure is reported to the reader', async () => {
  const ahead = readAhead(requestFor({}), nothing)!;
  ahead.allow();
  await expect(ahead.take(nothing)).rejects.toThrow('not found');
});

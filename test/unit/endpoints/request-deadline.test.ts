import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withRequestDeadline } from '../../../shared/endpoints/filters/request-deadline.ts';
import { ServingContext } from '../../../shared/endpoints/routing/serving-context.ts';
import type { ApiRequest, ApiResponse } from '../../../shared/request/api-request.ts';

const ANSWER: ApiResponse = { status: 200, headers: {}, body: new Uint8Array() };
const FAR_SECONDS = 3_600;

function contextOf(client: AbortController, query = ''): ServingContext {
  const request: ApiRequest = {
    method: 'GET',
    path: '/version',
    query: new URLSearchParams(query),
    headers: new Map(),
    body: new Uint8Array(),
    signal: client.signal,
    canStream: true,
  };
  return ServingContext.forLoopback(request);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

test.each([
  ['before the timeout', async (context: ServingContext) => aborted(context.signal)],
  ['after the timeout', () => new Promise<never>(() => {})],
])('a reader of the signal %s sees it aborted', async (_, work) => {
  const context = contextOf(new AbortController(), 'timeout=1ms');
  const answer = withRequestDeadline(FAR_SECONDS)(context, async (served) => {
    await work(served);
    return new Promise<never>(() => {});
  });
  await expect(answer).rejects.toMatchObject({
    status: { code: 504, message: 'Timeout: request did not complete within the allotted timeout' },
  });
  expect(context.signal.aborted).toBe(true);
});

test('a disconnected client is reported, with its reason', async () => {
  const client = new AbortController();
  const context = contextOf(client);
  const answer = withRequestDeadline(FAR_SECONDS)(context, async ({ signal }) => {
    client.abort('gone');
    await aborted(signal);
    return ANSWER;
  });
  expect([await answer, context.signal.reason]).toEqual([ANSWER, 'gone']);
});

test.each([
  ['without use of its signal', () => {}],
  ['with use of its signal', ({ signal }: ServingContext) => expect(signal.aborted).toBe(false)],
])('a request %s leaves no listener on its client', async (_, work) => {
  const client = new AbortController();
  const answer = withRequestDeadline(FAR_SECONDS)(contextOf(client), async (context) => {
    work(context);
    return ANSWER;
  });
  expect([await answer, getEventListeners(client.signal, 'abort')]).toEqual([ANSWER, []]);
});

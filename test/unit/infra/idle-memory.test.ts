import { expect, test } from 'vitest';
import { IdleMemory, LARGE_ANSWER, QUIET_MS } from '../../../infra/local/http/idle-memory.ts';
import type { ApiRequest } from '../../../shared/request/api-request.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';

const request = (path: string) => ({ method: 'GET', path }) as ApiRequest;

/** A server whose response size is given by the path, and the number of garbage collections. */
function start() {
  const clock = new HandClock();
  let collected = 0;
  const memory = new IdleMemory({ clock, collect: () => collected++ });
  const serve = memory.watched(async ({ path }) => ({
    status: 200,
    headers: {},
    body: new Uint8Array(Number(path)),
  }));
  const pass = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await new Promise(setImmediate);
    return collected;
  };
  return { memory, serve: (bytes: number) => serve(request(String(bytes))), pass };
}

test('memory of a large response is collected after idle time', async () => {
  const { serve, pass } = start();
  await serve(LARGE_ANSWER);
  expect(await pass(QUIET_MS - 1)).toBe(0);
  expect(await pass(1)).toBe(0);
  expect(await pass(QUIET_MS)).toBe(1);
  expect(await pass(10 * QUIET_MS)).toBe(1);
});

test('requests postpone it', async () => {
  const { serve, pass } = start();
  await serve(LARGE_ANSWER);
  for (let n = 0; n < 5; n++) {
    expect(await pass(QUIET_MS)).toBe(0);
    await serve(1);
  }
  expect(await pass(QUIET_MS)).toBe(0);
  expect(await pass(QUIET_MS)).toBe(1);
});

test('small responses trigger no collection', async () => {
  const { serve, pass } = start();
  await serve(LARGE_ANSWER - 1);
  expect(await pass(10 * QUIET_MS)).toBe(0);
});

test('several large responses are collected together, and later ones again', async () => {
  const { serve, pass } = start();
  await Promise.all([serve(LARGE_ANSWER), serve(LARGE_ANSWER)]);
  await pass(QUIET_MS);
  expect(await pass(QUIET_MS)).toBe(1);
  await serve(LARGE_ANSWER);
  await pass(QUIET_MS);
  expect(await pass(QUIET_MS)).toBe(2);
});

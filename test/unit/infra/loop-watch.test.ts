import { expect, test } from 'vitest';
import { type Hold, LoopWatch } from '../../../infra/local/loop-watch.ts';
import type { ApiRequest } from '../../../shared/request/api-request.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** Blocks the event loop by working. */
function hold(ms: number): void {
  const before = process.cpuUsage();
  for (let worked = 0; worked < ms * 1000; ) {
    const { user, system } = process.cpuUsage(before);
    worked = user + system;
  }
}

test('a hold is reported with the requests served meanwhile, and nothing else', async () => {
  const holds: Hold[] = [];
  const watch = new LoopWatch({ onHold: (told) => holds.push(told), holdMs: 300 });
  const serve = watch.watched(async ({ path }) => {
    await pause(1);
    if (path === '/slow') hold(800);
    return { status: 200, headers: {}, body: new Uint8Array() };
  });
  const request = (path: string) => ({ method: 'GET', path }) as ApiRequest;
  await serve(request('/quick'));
  // The check that clears it.
  await pause(250);
  await serve(request('/slow'));
  await pause(250);
  watch.close();
  expect(holds.map(({ requests }) => requests)).toContainEqual(['GET /slow']);
  expect(holds.every(({ milliseconds }) => milliseconds > 300)).toBe(true);
});

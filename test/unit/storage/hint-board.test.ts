/** Hints that must arrive, and those that need not. */

import { expect, test } from 'vitest';
import { type Item, TableError, type Write } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { HINTS, HintBoard } from '../../../shared/storage/dynamodb/hint-board.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';

const RETRY_MS = 10_000;

/** A table whose first writes fail, and a clock that passes whenever somebody waits. */
function board({ failures, publishes = true }: { failures: number; publishes?: boolean }) {
  const clock = new HandClock();
  const written: Item[] = [];
  let calls = 0;
  const write = async (write: Write): Promise<void> => {
    if (calls++ < failures) throw new TableError('Throttled', 'too much');
    written.push((write as { put: Item }).put);
  };
  const query = async () => ({ items: [] });
  const options = { table: { write, query }, clock, writer: 'w', publishes, listens: false };
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = work.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    while (!isOver) {
      await new Promise(setImmediate);
      clock.advance(100);
    }
    return over;
  };
  return { board: new HintBoard(options), clock, written, passing, calls: () => calls };
}

const LOGS = [
  ['acme.1/registry/core/pods', 7],
  ['acme.1/registry/apps/deployments', 3],
] as const;

test('hints that must arrive are written again until they are stored, with the time of that attempt', async () => {
  const { board: hints, clock, written, passing } = board({ failures: 3 });
  const begin = clock.now();
  await passing(hints.announce(LOGS));
  expect(written).toEqual([
    {
      pk: HINTS,
      sk: expect.stringMatching(/^\d{15}-w-4$/),
      hints: JSON.stringify(LOGS),
      ttl: expect.any(Number),
    },
  ]);
  const at = Number(written[0]!.sk.slice(0, 15));
  expect(at).toBeGreaterThan(begin);
  expect(at).toBeLessThan(begin + RETRY_MS);
});

test('who has them written hears if they can not be stored', async () => {
  const { board: hints, passing } = board({ failures: Number.POSITIVE_INFINITY });
  await expect(passing(hints.announce(LOGS))).rejects.toMatchObject({ code: 'Throttled' });
});

test('other hints are tried once, and nobody hears of a failure', async () => {
  const { board: hints, written, passing, calls } = board({ failures: 1 });
  await passing(hints.of('acme.1')('/registry/core/pods')!.publish(7));
  expect([written, calls()]).toEqual([[], 1]);
});

test('where nobody waits for hints, none are written', async () => {
  const { board: hints, calls } = board({ failures: 0, publishes: false });
  await hints.announce(LOGS);
  await board({ failures: 0 }).board.announce([]);
  expect(calls()).toBe(0);
});

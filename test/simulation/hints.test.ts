/** The DynamoDB usage of watches with hints, on which `zeroplane cost` is based. */

import { expect, test } from 'vitest';
import { IDLE_MINUTE } from '../../infra/cli/cost.ts';
import { placeholderEntry } from '../../shared/fleet/placeholder-tenant.ts';
import { Tenancy } from '../../shared/fleet/tenancy.ts';
import type { TenantEntry } from '../../shared/fleet/tenant-directory.ts';
import { HINTS, HintBoard } from '../../shared/storage/dynamodb/hint-board.ts';
import { Simulation } from './simulation.ts';
import { CONFIG } from './things.ts';

const MINUTE = 60_000;
/** Units of a small eventually consistent read. */
const UNITS = 0.5;
const MINUTES = 40;

/** Read units per idle minute of this number of watches, each of a different resource. */
async function idleMinute(watches: number, hinted: boolean): Promise<{ logs: number; hints: number }> {
  const simulation = new Simulation({ seed: 1 });
  const { factory } = simulation.newNode({ hinted, hurried: true });
  for (let n = 0; n < watches; n++) {
    const storage = factory.storageFor({ ...CONFIG, resourcePrefix: `/registry/things-${n}` });
    const watch = await simulation.finish(
      storage.watch({ prefix: '', resourceVersion: '', allowBookmarks: true }),
    );
    void (async () => {
      for await (const _ of watch);
    })();
  }
  // They poll more often at first.
  await simulation.pass(20 * MINUTE);
  const units = { logs: 0, hints: 0 };
  const { decide } = simulation;
  simulation.decide = (call) => {
    units[call.pk === HINTS ? 'hints' : 'logs'] += UNITS / MINUTES;
    return decide(call);
  };
  await simulation.pass(MINUTES * MINUTE);
  return units;
}

test.each([1, 15])('%i idle watches use the calculated units', async (watches) => {
  const { polledWatch, hintedWatch, hints } = IDLE_MINUTE;
  const hinted = await idleMinute(watches, true);
  expect(hinted.logs / watches).toBeCloseTo(hintedWatch, 2);
  expect(Math.round(hinted.hints)).toBe(hints);
  const polled = await idleMinute(watches, false);
  expect(Math.round(polled.logs / watches)).toBe(polledWatch);
  expect(polled.hints).toBe(0);
});

test('a host with a watch learns within a second that its tenant moves', async () => {
  const simulation = new Simulation({ seed: 1 });
  const boardOf = (writer: string, publishes: boolean) => {
    const { process, connection: table } = simulation.newNode();
    return {
      clock: process.clock,
      board: new HintBoard({ table, clock: process.clock, writer, publishes, listens: true }),
    };
  };
  const entry = { ...placeholderEntry('shared'), name: 'acme', id: 'acme.1' };
  let row: TenantEntry = entry;
  const host = boardOf('host', false);
  const ends: number[] = [];
  const tenancy = new Tenancy({
    entry,
    directory: { find: async () => row, forget: () => undefined },
    onEnd: () => ends.push(host.clock.monotonic()),
  });
  const changes = host.board.of(entry.id)('#directory');
  const hints = tenancy.checkedByHints(host.board.of(entry.id), changes)('/registry/pods')!;
  hints.listen!(() => undefined);
  await simulation.pass(MINUTE);
  expect(ends).toEqual([]);
  // Hints for another tenant, and for this one without a change of its row.
  const { board } = boardOf('controllers', true);
  await simulation.finish(board.of('other.1')('#directory')!.publish(0));
  await simulation.finish(board.of(entry.id)('#directory')!.publish(0));
  await simulation.pass(MINUTE);
  expect(ends).toEqual([]);
  row = { ...entry, state: 'Moving' };
  const begin = host.clock.monotonic();
  await simulation.finish(board.of(entry.id)('#directory')!.publish(0));
  await simulation.pass(MINUTE);
  expect(ends).toHaveLength(1);
  expect(ends[0]! - begin).toBeLessThan(1_500);
});

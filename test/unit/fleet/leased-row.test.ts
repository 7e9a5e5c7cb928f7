/** Leases of the directory's rows: who works on a tenant, and who takes over from a process that is gone. */

import { expect, test } from 'vitest';
import { acquireLease, type LeasedRow, rejectIfLeased } from '../../../shared/fleet/leased-row.ts';
import type { Lease, TenantEntry, TenantRow } from '../../../shared/fleet/tenant-directory.ts';
import { REQUEST_TIMEOUT_MS } from '../../../shared/storage/dynamodb/connection.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';

const ENTRY: TenantEntry = {
  ...{ name: 'acme', owner: 'default/acme', id: 'acme.1', state: 'Suspended', table: 't' },
  ...{ arguments: [], adminARNs: [], endpoint: 'https://fleet/tenants/acme' },
};
const LEASE_MS = 30_000;
/** Within which a holder asks again whether the row is its own. */
const RENEW_MS = 2_000;

/** One row, as the table keeps it. */
class MemoryDirectory {
  row: TenantRow | undefined = { entry: ENTRY, revision: 1 };

  read = async () => this.row;

  write = async (entry: TenantEntry, former: TenantRow | undefined, lease?: Lease) => {
    if (this.row?.revision !== former?.revision) return false;
    this.row = { entry, revision: (former?.revision ?? 0) + 1, lease };
    return true;
  };

  remove = async () => false;
}

function processes() {
  const directory = new MemoryDirectory();
  const clock = new HandClock();
  const holdAs = async (holder: string): Promise<LeasedRow> =>
    acquireLease((await directory.read())!, { directory, clock, newHolder: () => holder });
  return { directory, clock, holdAs };
}

const AT_WORK = 'another process is at work on control plane acme';
const TAKEN = 'another process took over control plane acme';

test('of two that begin at once, one works and the other is refused', async () => {
  const { holdAs, directory } = processes();
  const [first, second] = await Promise.allSettled([holdAs('first'), holdAs('second')]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { message: AT_WORK } });
  expect(directory.row?.lease?.holder).toBe('first');
});

test('while one works all others are refused; when it is done, the next begins at once', async () => {
  const { holdAs, clock } = processes();
  const first = await holdAs('first');
  clock.advance(LEASE_MS - 1);
  await first.check();
  clock.advance(LEASE_MS - 1);
  await expect(holdAs('second')).rejects.toThrow(AT_WORK);
  await first.release();
  await (await holdAs('second')).check();
});

test('who takes over from a process that is gone begins when nothing of that can be under way', async () => {
  const { holdAs, clock } = processes();
  const first = await holdAs('first');
  clock.advance(LEASE_MS);
  let second: LeasedRow | undefined;
  const taking = holdAs('second').then((held) => {
    second = held;
  });
  await clock.asleep();
  // The first, if it was only slow, hears of it at its next call, and stops.
  await expect(first.check()).rejects.toThrow(TAKEN);
  clock.advance(RENEW_MS + REQUEST_TIMEOUT_MS);
  await new Promise(setImmediate);
  expect(second).toBeUndefined();
  clock.advance(1_000);
  await taking;
  await second!.check();
  await expect(first.release()).rejects.toThrow(TAKEN);
});

test('a holder asks whether the row is still its own before a call that is later than the last answer by the time to renew', async () => {
  const { holdAs, clock, directory } = processes();
  const held = await holdAs('first');
  const { revision } = directory.row!;
  clock.advance(RENEW_MS - 1);
  await held.check();
  expect(directory.row!.revision).toBe(revision);
  clock.advance(1);
  await Promise.all([held.check(), held.check()]);
  expect(directory.row).toMatchObject({
    revision: revision + 1,
    lease: { holder: 'first', until: clock.now() + LEASE_MS },
  });
});

test.each<[what: string, untilMs: number, isRefused: boolean]>([
  ['ends in a millisecond', 1, true],
  ['ended this moment', 0, false],
  ['ends in a minute, by a clock that is ahead', 2 * LEASE_MS, true],
  ['is longer than any lease', 2 * LEASE_MS + 1, false],
])('a lease that %s', (_, untilMs, isRefused) => {
  const clock = new HandClock();
  const row = { entry: ENTRY, revision: 1, lease: { holder: 'h', until: clock.now() + untilMs } };
  const ask = () => rejectIfLeased(row, clock);
  if (isRefused) expect(ask).toThrow(AT_WORK);
  else expect(ask).not.toThrow();
});

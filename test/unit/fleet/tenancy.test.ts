/** A process that holds a tenant learns in time that it must stop serving it, and does nothing afterwards. */

import { expect, test } from 'vitest';
import { Tenancy } from '../../../shared/fleet/tenancy.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import type { LogHints } from '../../../shared/storage/dynamodb/log-hints.ts';

const ENTRY: TenantEntry = {
  ...{ name: 'acme', owner: 'default/acme', id: 'acme.1', state: 'Active', table: 'shared' },
  ...{ arguments: [], adminARNs: [], endpoint: 'https://acme' },
};

/** A tenancy, and the directory's row as changed by a test. */
function held(hasHints = false) {
  let row: TenantEntry | undefined = ENTRY;
  const told = { ends: 0, finds: 0, forgotten: 0 };
  const tenancy = new Tenancy({
    entry: ENTRY,
    directory: {
      find: async () => {
        told.finds++;
        return row;
      },
      forget: () => {
        told.forgotten++;
      },
    },
    onEnd: () => {
      told.ends++;
    },
  });
  const listeners = new Map<string, (revision: number) => void>();
  const hintsOf = (name: string): LogHints => ({
    publish: async () => undefined,
    ...(hasHints && {
      listen: (tell: (revision: number | undefined) => void) => {
        listeners.set(name, tell as (revision: number) => void);
        return () => listeners.delete(name);
      },
    }),
  });
  return {
    ...{ tenancy, told, listeners, hintsOf },
    change: (to: Partial<TenantEntry> | undefined) => {
      row = to && { ...ENTRY, ...to };
    },
  };
}

const OVER = 'control plane acme is not served by table shared any more';

test.each<[string, Partial<TenantEntry> | undefined, boolean]>([
  ['unchanged', {}, true],
  ['with other limits', { limits: { watches: 1 } }, true],
  ['suspended, which is checked earlier', { state: 'Suspended' }, true],
  ['starting', { state: 'Starting' }, true],
  ['moving away', { state: 'Moving' }, false],
  ['moving here, and arrived', { state: 'Moving', hasArrived: true }, true],
  ['in another table', { table: 'own' }, false],
  ['arrived in another table', { state: 'Moving', hasArrived: true, table: 'own' }, false],
  ['ending', { state: 'Deleting' }, false],
  ['another tenant of the same name', { id: 'acme.2' }, false],
  ['gone', undefined, false],
])('%s', async (_, row, goesOn) => {
  const { tenancy, told, change } = held();
  await tenancy.check();
  change(row);
  if (goesOn) {
    await tenancy.check();
    expect(told.ends).toBe(0);
    return;
  }
  await expect(tenancy.check()).rejects.toMatchObject({ kind: 'TooLate', message: OVER });
  expect(told).toMatchObject({ ends: 1, finds: 2 });
});

test('the end is final, reported once, and not checked again', async () => {
  const { tenancy, told, change } = held();
  change({ state: 'Moving' });
  const asked = await Promise.allSettled([tenancy.check(), tenancy.check(), tenancy.check()]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  change({});
  const { finds } = told;
  await expect(tenancy.check()).rejects.toThrow(OVER);
  expect(told).toMatchObject({ ends: 1, finds });
});

test('an unreadable directory ends nothing', async () => {
  let isDown = true;
  let ends = 0;
  const tenancy = new Tenancy({
    entry: ENTRY,
    directory: {
      find: async () => {
        if (isDown) throw new Error('down');
        return ENTRY;
      },
      forget: () => undefined,
    },
    onEnd: () => {
      ends++;
    },
  });
  await expect(tenancy.check()).rejects.toThrow('down');
  isDown = false;
  await tenancy.check();
  expect(ends).toBe(0);
});

test('with hints the end is reported before the table is called', async () => {
  const { tenancy, told, listeners, hintsOf, change } = held(true);
  const hints = tenancy.checkedByHints(hintsOf, hintsOf('#directory'))('/registry/pods')!;
  const heard: number[] = [];
  const end = hints.listen!((revision) => {
    heard.push(revision ?? -1);
  });
  expect([...listeners.keys()].sort()).toEqual(['#directory', '/registry/pods']);
  listeners.get('/registry/pods')!(7);
  expect([heard, told]).toEqual([[7], { ends: 0, finds: 0, forgotten: 0 }]);
  // A change that does not end the tenancy.
  listeners.get('#directory')!(0);
  await expect.poll(() => told).toEqual({ ends: 0, finds: 1, forgotten: 1 });
  change({ state: 'Moving' });
  listeners.get('#directory')!(0);
  await expect.poll(() => told).toEqual({ ends: 1, finds: 2, forgotten: 2 });
  end();
  expect([...listeners.keys()]).toEqual([]);
});

test('without hints the storage keeps its own', () => {
  const { tenancy, hintsOf } = held();
  expect(tenancy.checkedByHints(hintsOf, hintsOf('#directory'))).toBe(hintsOf);
  expect(tenancy.checkedByHints(hintsOf, undefined)).toBe(hintsOf);
});

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { costOf, costTable, HOST_KINDS, hostTable } from '../../../infra/cli/cost.ts';

const memoryMB = 512;
const nothing = { name: 'x', requests: {}, watches: 0, storedMB: 0 };
/** Dollars, without fractions below a tenth of a cent. */
const partsOf = (scenario: Parameters<typeof costOf>[0]) =>
  Object.fromEntries(
    Object.entries(costOf(scenario, { memoryMB }).parts).map(([name, amount]) => [
      name,
      Number(amount.toFixed(3)),
    ]),
  );
const FREE = { gateway: 0, functions: 0, watches: 0, table: 0, storage: 0 };

test.each<[string, object, object]>([
  ['nothing costs nothing', {}, {}],
  ['a gigabyte', { storedMB: 1024 }, { storage: 0.45 }],
  // 0.5 GB for 2,592,000 s, and 30 reads a minute.
  ['a watch', { watches: 1 }, { watches: 17.28 + 0.162 }],
  // A million requests: $3.50 for the gateway, 13 ms at half a gigabyte and $0.20, one read each.
  ['a million reads', { requests: { get: 1e6 } }, { gateway: 3.5, functions: 0.287, table: 0.125 }],
  ['a million creations', { requests: { create: 1e6 } }, { gateway: 3.5, functions: 0.353, table: 3.75 }],
  ['a thousand lives', { lives: 1000 }, { functions: 0.08, table: 0.999 }],
])('%s', (_, more, parts) => {
  expect(partsOf({ ...nothing, ...more })).toEqual({ ...FREE, ...parts });
});

test('EKS is billed by the hour', () => {
  expect(costOf(nothing, { memoryMB })).toMatchObject({ total: 0, eks: expect.closeTo(72) });
});

test.each([
  ['functions', 17.28 + 0.162],
  // A poll every ten minutes, and a share in the reads of hints.
  ['web function', 0.081 + 0.00027 + 0.162 / 128],
  ['container', 0.0142 + 0.00027 + 0.162 / 1000],
] as const)('a watch held by %s costs its share, and its reads', (host, dollars) => {
  const { total } = costOf({ ...nothing, watches: 1 }, { memoryMB, host });
  expect(total).toBeCloseTo(dollars, 3);
  expect(HOST_KINDS).toContain(host);
});

test('hosts are hinted of writes, but not of lease renewals', () => {
  const tableOf = (scenario: object, host: (typeof HOST_KINDS)[number]) =>
    costOf({ ...nothing, ...scenario }, { memoryMB, host }).parts.table;
  const more = (scenario: object) => tableOf(scenario, 'container') - tableOf(scenario, 'functions');
  expect(more({ requests: { update: 1e6, get: 1e6 } })).toBeCloseTo(1.25);
  expect(more({ elections: 1 })).toBe(0);
});

test("README's tables equal the command's output", () => {
  const readme = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'README.md'), 'utf8');
  expect(readme).toContain(costTable({ memoryMB }));
  expect(readme).toContain(hostTable({ memoryMB }));
});

/** Many tenants in one process: the cost of creating, loading and keeping them, and their effect on each other. */

import { hostTable, IDLE_MINUTE } from '../../../infra/cli/cost.ts';
import { accessRows } from './access.ts';
import { floodRows } from './flood.ts';
import { makingRows } from './making.ts';
import type { Row } from './row.ts';
import { watchRows } from './watches.ts';

const PARTS: readonly (() => Promise<readonly Row[]>)[] = [makingRows, accessRows, watchRows, floodRows];

/** Watches of a tenant whose host receives hints. */
const WATCHES = 15;

const UNITS: Row = [
  `read units of a minute of ${WATCHES} idle watches of a tenant, on a host (test/simulation/hints.test.ts)`,
  (WATCHES * IDLE_MINUTE.hintedWatch).toFixed(1),
  '<= 1',
];

const WHY =
  'Goals missed: a new tenant has some 200 objects, written in about thirty transactions, of which the embedded DynamoDB takes a third of the time. Compiled definitions are shared between tenants with equal ones; the bytes of the objects (some 50 KB each, two thirds of the rest) and their storages are per tenant. One thread serves all tenants and gives a tenant without limits half of the turns; limits protect the others.';

export async function run(): Promise<string> {
  const rows: Row[] = [];
  for (const part of PARTS) rows.push(...(await part()));
  return [
    '| figure | measured | goal |',
    '| --- | --- | --- |',
    ...[...rows, UNITS].map((row) => `| ${row.join(' | ')} |`),
    '',
    WHY,
    '',
    'Monthly cost of a watch (`npx zeroplane cost`; the goal is 2 cents):',
    '',
    hostTable({ memoryMB: 512 }),
  ].join('\n');
}

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
  'Goals missed: each of 50 definitions takes a further tenant 25 KB: metadata and status, the state of a storage that was used, handlers, metrics. Specifications, compiled schemas and everything made of them alone are shared. One thread serves all tenants and gives a tenant without limits half of the turns; limits protect the others.';

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

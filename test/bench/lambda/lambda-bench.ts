/** Functions: the cost of requests and events, by operation, by contents of the table, and by what is in memory. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDBServer } from '../../../infra/emulator/dynamodb-server.ts';
import { startParameterStore } from '../../../infra/emulator/parameter-store.ts';
import { functionBundles } from '../../fixtures/function-bundles.ts';
import type { BenchOptions } from '../bench-options.ts';
import { type Ask, DOINGS, type Doing, eventOf, MIX } from './asks.ts';
import { type Contents, fill, openPlane, USER } from './contents.ts';
import { BenchEnvironment, type Place } from './environment.ts';
import {
  cellsOf,
  DELAY_MS,
  dollarsOf,
  type Figures,
  HEADS,
  medians,
  NOTHING,
  plus,
  tableOf,
} from './figures.ts';
import { openSlowTable, type SlowTable } from './slow-table.ts';
import { HAPPENINGS, HOUR, Stream, spent, wake } from './wakings.ts';

const SAMPLES = 5;
const WAKINGS = 3;
const HOUR_MS = 3_600_000;
/** With and without writes during the hour. */
const HOURS = ['an hour passes in which something was written', 'an hour passes in which nothing was'];
const TOKEN = 'ada-token';
/** Contents for controllers, which may read all definitions. */
const WOKEN: readonly Contents[] = [0, 750].map((definitions) => ({ definitions, bindings: 10, objects: 0 }));

/** A filled table as functions access it. */
interface Filled {
  readonly contents: Contents;
  readonly tableName: string;
  readonly endpoint: string;
  readonly place: Place;
  readonly table: SlowTable;
}

interface Row {
  readonly name: string;
  readonly contents: Contents;
  readonly figures: Figures;
}

export async function run({ only = '' }: BenchOptions): Promise<string> {
  const bundles = await functionBundles();
  const emulator = await startDynamoDBServer();
  const table = await openSlowTable(emulator.endpoint, DELAY_MS);
  const parameters = await startParameterStore();
  const root = mkdtempSync(join(tmpdir(), 'zeroplane-bench-'));
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config/tokens.csv'), `${TOKEN},${USER},1\n`);
  const doings = DOINGS.filter(({ name }) => name.includes(only));
  const happenings = Object.keys(HAPPENINGS).filter((name) => name.includes(only));
  const requests: Row[] = [];
  const events: Row[] = [];
  const all = [...doings.flatMap(({ contents }) => contents), ...(happenings.length > 0 ? WOKEN : [])];
  const kinds = [...new Set(all.map((contents) => JSON.stringify(contents)))];
  try {
    for (const [n, kind] of kinds.entries()) {
      const contents = JSON.parse(kind) as Contents;
      const isOf = (others: readonly Contents[]) => others.some((other) => JSON.stringify(other) === kind);
      const tableName = `bench-${n}`;
      await fill({ endpoint: emulator.endpoint, tableName }, contents);
      const environment = environmentOf({
        ...{ endpoint: table.endpoint, tableName, root },
        parameters: parameters.endpoint,
      });
      const filled = {
        contents,
        tableName,
        endpoint: emulator.endpoint,
        table,
        place: { bundles, environment },
      };
      for (const doing of doings.filter(({ contents: of }) => isOf(of))) {
        requests.push({ name: doing.name, contents, figures: await measure(doing, filled) });
      }
      if (happenings.length > 0 && isOf(WOKEN)) events.push(...(await measureWakings(happenings, filled)));
    }
  } finally {
    rmSync(root, { recursive: true });
    await table.close();
    parameters.close();
    await emulator.stop();
  }
  return page(requests, events);
}

const environmentOf = (
  of: Readonly<Record<'endpoint' | 'parameters' | 'tableName' | 'root', string>>,
): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_ENDPOINT_URL_DYNAMODB: of.endpoint,
  AWS_ENDPOINT_URL_SSM: of.parameters,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  // Responses are buffered, which makes them easy to parse.
  AWS_SAM_LOCAL: 'true',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  LAMBDA_TASK_ROOT: of.root,
  ZEROPLANE_TENANT: 'bench',
  ZEROPLANE_TABLE: of.tableName,
  ZEROPLANE_REQUEST_LOG: 'none',
  ZEROPLANE_ARGUMENTS: '--authorization-mode=RBAC --token-auth-file=config/tokens.csv',
});

async function measure(doing: Doing, filled: Filled): Promise<Figures> {
  const samples: Figures[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    let all = NOTHING;
    const id = `${DOINGS.indexOf(doing)}-${sample}`;
    const [before, asks] = [doing.asks(`${id}-before`), doing.asks(id)];
    for (const [at, ask] of asks.entries()) {
      all = plus(all, await measureOne({ ask, before: before[at]!, afterMs: doing.afterMs }, filled));
    }
    samples.push(all);
  }
  return medians(samples);
}

interface Asked {
  readonly ask: Ask;
  /** Sent first, unless the environment is to be new. */
  readonly before: Ask;
  readonly afterMs: number | undefined;
}

async function measureOne({ ask, before, afterMs }: Asked, { place, table }: Filled): Promise<Figures> {
  table.take();
  const environment = await BenchEnvironment.start(ask.program, place);
  if (afterMs !== undefined) {
    await environment.ask(eventOf(before, TOKEN));
    table.take();
  }
  const answered = await environment.ask(eventOf(ask, TOKEN), afterMs);
  const figures = { ...NOTHING, requests: 1, invocations: 1, ...spent(answered, table) };
  await environment.close();
  return afterMs === undefined ? { ...figures, importCPU: environment.imported.cpu } : figures;
}

async function measureWakings(
  names: readonly string[],
  { contents, tableName, endpoint, table, place }: Filled,
): Promise<Row[]> {
  const own = { endpoint, tableName };
  const { plane, close } = await openPlane(own);
  const stream = new Stream(own);
  // The environment has been invoked before, as one that is invoked often.
  const environment = await BenchEnvironment.start('controllers', place);
  await wake(environment, stream, table);
  const rows: Row[] = [];
  for (const name of names) {
    const samples: Figures[] = [];
    for (let sample = 0; sample < WAKINGS; sample++) {
      const happen = await HAPPENINGS[name]!(plane.resources.client, `${rows.length}-${sample}`);
      await wake(environment, stream, table);
      await happen();
      samples.push(await wake(environment, stream, table));
    }
    rows.push({ name, contents, figures: medians(samples) });
  }
  for (const name of HOURS) {
    table.take();
    const answered = await environment.ask(HOUR, HOUR_MS);
    rows.push({ name, contents, figures: { ...NOTHING, invocations: 1, ...spent(answered, table) } });
  }
  await environment.close();
  await close();
  return rows;
}

function page(requests: readonly Row[], events: readonly Row[]): string {
  const cells = ({ name, contents: { definitions, bindings }, figures }: Row) => [
    name,
    ...[definitions, bindings].map(String),
    ...cellsOf(figures),
  ];
  const mix = mixOf(requests);
  return [
    `Processes import the functions' bundles and answer events of API Gateway, for a user with one ClusterRoleBinding;`,
    `${DELAY_MS} ms per DynamoDB call, medians of ${SAMPLES}. Each row is the first request of an environment, unless it says "warm" or`,
    `"later": then the environment has answered the same request before. Rows of several requests add the costs of one`,
    `environment each. "import" and "answer" are milliseconds of a whole processor; "MB" is the peak memory of the process.`,
    `"A million" is dollars in us-east-1 for functions of 512 MB, which have a third of a processor: gateway, functions and`,
    `table. The machine's load was ${loadavg()[1]!.toFixed(1)}: units and calls are exact, times depend on it.`,
    '',
    tableOf(['request', 'definitions', 'bindings', ...HEADS], requests.map(cells)),
    ...(mix === undefined
      ? []
      : [
          '',
          `A million requests of this mix: ${Object.entries(MIX)
            .map(([name, count]) => `${count} % "${name}"`)
            .join(', ')}: $${mix.toFixed(2)}.`,
        ]),
    '',
    `The controllers function in a used environment, from an event until its work is done; medians of ${WAKINGS}.`,
    '',
    tableOf(['event', 'definitions', 'bindings', ...HEADS], events.map(cells)),
  ].join('\n');
}

/** Dollars per million requests of the mix; undefined if some of its rows were not measured. */
function mixOf(rows: readonly Row[]): number | undefined {
  const parts = Object.entries(MIX).map(([name, count]) => {
    const row = rows.find((candidate) => candidate.name === name);
    return row && (dollarsOf(row.figures) * count) / 100;
  });
  return parts.includes(undefined) ? undefined : parts.reduce<number>((sum, part) => sum + part!, 0);
}

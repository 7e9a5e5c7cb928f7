/** Custom resources compared with built-in ones, and with hundreds of definitions. */

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { SchemaToolsLoader } from '../../../shared/apiextensions/definition/schema-tools.ts';
import { SchemaInterner } from '../../../shared/apiextensions/schema/schema-interner.ts';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { SchemaValidator } from '../../../shared/apiextensions/validation/schema-validator.ts';
import { builtinTypeTables } from '../../../shared/apis/type-tables.ts';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { atOnce } from '../../../shared/util/breathe.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';
import { DEFINITIONS, object, pathOf } from '../../fixtures/apiextensions/manifest.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import type { ColdStart } from './cold-start.ts';
import { benchDefinition, benchSpec } from './definitions.ts';

const COUNTS = [0, 100, 750];
const SAMPLES = 15;
const CREATIONS = 300;
const CONNECTIONS = [1, 16];
const SLICE_MS = 1_000;

interface Bench {
  readonly server: ControlPlane;
  readonly endpoint: string;
  readonly tableName: string;
  close(): Promise<void>;
}

async function start(): Promise<Bench> {
  const table = await newTestTable();
  const storage = new SDKStorageFactory(table);
  const server = await createControlPlane({
    storage,
    controllers: 'whenAsked',
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(console.error),
  });
  await server.start();
  return {
    server,
    ...table,
    close: async () => {
      await server.close();
      await storage.close();
    },
  };
}

async function create({ server }: Bench, path: string, body: unknown): Promise<void> {
  const { status, text } = await call(server, 'POST', path, { body });
  if (status !== 201) throw new Error(`POST ${path}: ${text}`);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** `Bench0a`, ...; the suffix makes all plurals distinct. */
const kindOf = (index: number): string => `Bench${index}a`;

async function firstInstances(bench: Bench): Promise<string> {
  const definitions: number[] = [];
  const instances: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const kind = `First${sample}a`;
    const before = performance.now();
    await create(bench, DEFINITIONS, benchDefinition(kind));
    const between = performance.now();
    await create(bench, pathOf(kind), object(kind, 'a', { spec: benchSpec() }));
    definitions.push(between - before);
    instances.push(performance.now() - between);
  }
  const size = Math.round(JSON.stringify(benchDefinition('Kind')).length / 1024);
  return [
    `| from a definition (${size} KB) to its first instance, median of ${SAMPLES} | |`,
    '| --- | --- |',
    `| POST of the definition, established by the answer | ${median(definitions).toFixed(0)} ms |`,
    `| POST of the first instance, which compiles the definition | ${median(instances).toFixed(0)} ms |`,
  ].join('\n');
}

async function creationRate(
  bench: Bench,
  path: string,
  { make, connections }: { make: (name: string) => object; connections: number },
): Promise<number> {
  let next = 0;
  const before = performance.now();
  const worker = async (): Promise<void> => {
    while (next < CREATIONS) await create(bench, path, make(`r${connections}-${next++}`));
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return CREATIONS / ((performance.now() - before) / 1000);
}

async function creationRates(bench: Bench): Promise<string> {
  const spec = benchSpec();
  await create(bench, DEFINITIONS, benchDefinition('Rate'));
  const custom = (name: string) => object('Rate', name, { spec });
  const configMap = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { spec: JSON.stringify(spec) },
  });
  const rows: string[] = [];
  for (const connections of CONNECTIONS) {
    const maps = await creationRate(bench, '/api/v1/namespaces/default/configmaps', {
      make: configMap,
      connections,
    });
    const customs = await creationRate(bench, pathOf('Rate'), { make: custom, connections });
    const share = Math.round((customs / maps) * 100);
    rows.push(`| ${connections} | ${maps.toFixed(0)} | ${customs.toFixed(0)} | ${share} % |`);
  }
  return [
    `| at once | ConfigMaps created per second | custom resources of the same size, 5 CEL rules | |`,
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

async function coldStarts(): Promise<string> {
  const bench = await start();
  const rows: string[] = [];
  let made = 0;
  for (const count of COUNTS) {
    for (; made < count; made++) await create(bench, DEFINITIONS, benchDefinition(kindOf(made)));
    const instance = count === 0 ? '' : `${pathOf(kindOf(0))}`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      resolve('infra/build/run.mjs'),
      'test/bench/apiextensions/cold-start.ts',
      bench.endpoint,
      bench.tableName,
      instance,
    ]);
    const cold = JSON.parse(stdout.trim().split('\n').at(-1)!) as ColdStart;
    rows.push(
      `| ${count} | ${cold.server} ms | ${cold.configMap} ms | ${cold.instance === undefined ? '' : `${cold.instance} ms`} | ${cold.discovery} ms | ${cold.before} MB | ${cold.withInstance} MB | ${cold.withDiscovery} MB |`,
    );
  }
  await bench.close();
  return [
    'A new process on a table with this number of definitions; memory after a garbage collection, including buffers.',
    '',
    '| definitions | server made | first ConfigMap list | first custom resource list | then discovery of all | memory | with one resource used | with all discovered |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** Calls per second. */
function rate(run: () => void): number {
  for (const until = performance.now() + SLICE_MS / 2; performance.now() < until; ) run();
  let calls = 0;
  const before = performance.now();
  while (performance.now() - before < SLICE_MS) {
    run();
    calls++;
  }
  return calls / ((performance.now() - before) / 1000);
}

const thousands = (value: number): string => `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)}k`;

async function engines(): Promise<string> {
  const tools = await new SchemaToolsLoader(builtinTypeTables()).loadWithRules();
  const definition = benchDefinition('Engine');
  const schema = definition.spec.versions[0]!.schema!.openAPIV3Schema!;
  const value = { apiVersion: 'a/v1', kind: 'Engine', metadata: { name: 'a' }, spec: benchSpec() };
  const root = new SchemaInterner().intern(schema);
  const validator = new SchemaValidator(root, tools.regexp);
  const rules = atOnce(tools.rules!.compileRuleValidator(root, { isResourceRoot: true }))!;
  const rulesPerObject = 5;
  const rows: readonly (readonly [string, number])[] = [
    ['objects validated against the schema', rate(() => atOnce(validator.validate(undefined, value)))],
    [
      'CEL rules evaluated',
      rate(() => atOnce(rules.validate(undefined, { value, oldValue: undefined }))) * rulesPerObject,
    ],
    [
      'definitions interned and compiled for pruning',
      rate(() => newStructural(new SchemaInterner().intern(schema))),
    ],
    [
      'definitions whose rules are compiled',
      rate(() =>
        atOnce(
          tools.rules!.compileRuleValidator(new SchemaInterner().intern(schema), { isResourceRoot: true }),
        ),
      ),
    ],
  ];
  return [
    '| engine | per second |',
    '| --- | --- |',
    ...rows.map(
      ([name, perSecond]) =>
        `| ${name} | ${perSecond < 1000 ? perSecond.toFixed(0) : thousands(perSecond)} |`,
    ),
  ].join('\n');
}

export async function run(): Promise<string> {
  const bench = await start();
  const parts = [await firstInstances(bench), await creationRates(bench)];
  await bench.close();
  parts.push(await coldStarts(), await engines());
  return parts.join('\n\n');
}

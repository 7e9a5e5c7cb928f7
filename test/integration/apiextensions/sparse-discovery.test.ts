/** Discovery of a process without anything in memory: its reads of definitions, and its agreement with them. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import { StatusError } from '../../../shared/meta/status-error.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { call } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  definitionManifest,
  GROUP,
  object,
  pathOf,
} from '../../fixtures/apiextensions/manifest.ts';
import { type Environment, SparseHost, standingStill } from '../../fixtures/sparse-host.ts';
import { Random } from '../../simulation/random.ts';

const RESOURCE = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const INDEX = { pk: '/registry/apiextensions.k8s.io/customresourcedefinitions#parts', sk: 'index' };
const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const AT_ONCE = 16;
const TURNS = 20;
/** Longer than any read here takes. */
const CALL_MS = 100;

let host: SparseHost;
let writer: Environment;
let table: SDKDynamoDBTable;
beforeAll(async () => {
  host = await SparseHost.open();
  writer = await host.environment();
  table = new SDKDynamoDBTable({ ...host.place, now: Date.now });
});
afterAll(async () => {
  await host.close();
  table.close();
});

const create = ({ server }: Environment, kind: string, more: Parameters<typeof definitionManifest>[2] = {}) =>
  server.resources.client.create(RESOURCE, definitionManifest(kind, [{}], more) as never);

const index = async ({ server }: Environment) =>
  await (await server.resources.lister(RESOURCE).sparse?.())?.index();

async function discover({ server }: Environment): Promise<string> {
  const { status, text } = await call(server, 'GET', '/apis', { headers: { accept: ACCEPT } });
  expect(status).toBe(200);
  return text;
}

interface Discovered {
  readonly metadata: { readonly name: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string }[];
  }[];
}

/** The discovered resources of the test group. */
const told = (text: string): string[] =>
  (JSON.parse(text) as { items: readonly Discovered[] }).items
    .filter(({ metadata }) => metadata.name === GROUP)
    .flatMap(({ versions }) => versions)
    .flatMap(({ version, resources }) => resources.map(({ resource }) => `${version} ${resource}`))
    .sort();

/** The resources according to the definitions themselves. */
async function listed({ server }: Environment): Promise<string[]> {
  const { json } = await call(server, 'GET', DEFINITIONS);
  return (json as unknown as { items: readonly Definition[] }).items
    .filter(({ status }) =>
      status.conditions?.some((it) => it.type === 'Established' && it.status === 'True'),
    )
    .flatMap(({ spec, status }) =>
      (spec.versions ?? [])
        .filter(({ served }) => served)
        .map(({ name }) => `${name} ${status.acceptedNames.plural}`),
    )
    .sort();
}

/** Discovery by a new process. */
function firstDiscovery({ callMs = 0 } = {}) {
  return standingStill(0, async () => {
    const environment = await host.environment({ callMs });
    await environment.cost();
    const text = await discover(environment);
    const { calls, inSequence, readUnits, writeUnits } = await environment.cost();
    return { told: told(text), calls, inSequence, readUnits, writeUnits };
  });
}

/** Ignores failures: the definition may not exist, or conflict with another. */
async function write(random: Random, { server }: Environment): Promise<void> {
  const { client } = server.resources;
  const kind = `Some${random.below(8)}`;
  const name = `${kind.toLowerCase()}s.${GROUP}`;
  const versions = [{ served: random.chance(0.7) }, { served: random.chance(0.7), storage: false }];
  const names = { plural: `${kind.toLowerCase()}s`, kind: random.chance(0.8) ? kind : 'Shared' };
  const manifest = definitionManifest(kind, versions, { names }) as never;
  const action = random.pick([
    () => client.create(RESOURCE, manifest),
    () => client.patch(RESOURCE, { spec: { versions } }, { name, patchType: 'application/merge-patch+json' }),
    () => client.delete(RESOURCE, { name }),
  ]);
  await action().catch((error: unknown) => {
    if (!(error instanceof StatusError)) throw error;
  });
}

test('discovery agrees with the definitions, while several processes write and index them', async () => {
  const random = new Random(1);
  const others = [writer, await host.environment()];
  const differing: object[] = [];
  let seen = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    await Promise.all(others.map((other) => write(random, other)));
    if (random.chance(0.3)) await Promise.all(others.map(index));
    const [found, expected] = [(await firstDiscovery()).told, await listed(writer)];
    seen += found.length;
    if (found.join() !== expected.join()) differing.push({ turn, found, expected });
  }
  expect(differing).toEqual([]);
  expect(seen).toBeGreaterThan(TURNS);
});

test('a new definition is discovered immediately by its writer', async () => {
  const environment = await host.environment();
  await discover(environment);
  await create(environment, 'Own');
  expect(told(await discover(environment))).toContain('v1 owns');
  await environment.server.resources.client.delete(RESOURCE, { name: `owns.${GROUP}` });
  expect(told(await discover(environment))).not.toContain('v1 owns');
});

test.each([
  ['no index, as in older data', undefined],
  ['an index of a newer release', { f: 9 }],
  ['an index in a newer layout', { l: 9 }],
])('with %s, discovery reads the definitions', async (_, newer) => {
  await create(writer, 'Kept');
  await index(writer);
  const marker = (await table.get(INDEX, { consistent: true }))!;
  const other = newer && { ...marker, ...newer };
  await table.write(other === undefined ? { delete: INDEX } : { put: other });
  const expected = await listed(writer);
  expect(expected).toContain('v1 kepts');
  expect((await firstDiscovery()).told).toEqual(expected);
  await index(writer);
  const after = await table.get(INDEX, { consistent: true });
  // A newer release keeps its own index; a missing one is rebuilt.
  expect(after).toEqual(other ?? expect.objectContaining({ l: marker['l'] }));
  expect((await firstDiscovery()).told).toEqual(expected);
  await table.write({ put: after!['g'] === marker['g'] ? marker : after! });
  await writer.server.resources.client.delete(RESOURCE, { name: `kepts.${GROUP}` });
});

/** Number of calls for documents that depend on all definitions. */
async function documentCalls(): Promise<number[]> {
  const calls: number[] = [];
  for (const path of ['/openapi/v2', `/openapi/v3/apis/${GROUP}/v1`]) {
    const environment = await host.environment();
    await environment.cost();
    const { status, text } = await call(environment.server, 'GET', path);
    expect([status, text]).toEqual([200, expect.stringContaining('Thing0x')]);
    calls.push((await environment.cost()).calls);
  }
  return calls;
}

/** The cost of a watch of a custom resource up to its first event. */
async function watchCost(kind: string): Promise<number> {
  const environment = await host.environment();
  await environment.cost();
  const list = pathOf(kind);
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1';
  const { status, text } = await call(environment.server, 'GET', `${list}?${query}`);
  expect([status, text]).toEqual([200, expect.stringContaining('"name":"watched"')]);
  return (await environment.cost()).readUnits;
}

test('discovery reads a few items, regardless of the number of definitions', async () => {
  const costs: object[] = [];
  let made = 0;
  const measure = async () => {
    const { told, readUnits, ...cost } = await firstDiscovery({ callMs: CALL_MS });
    // Rounded to 4 KB, since the compression of uids varies slightly.
    costs.push({ resources: told.length, readUnits: Math.ceil(readUnits / 8) * 8, ...cost });
  };
  const grow = async (count: number) => {
    const worker = async () => {
      while (made < count) await create(writer, `Thing${made++}x`);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await host.settle();
  };
  const { client } = writer.server.resources;
  for (const { metadata } of await client.list(RESOURCE))
    await client.delete(RESOURCE, { name: metadata.name! });
  await host.settle();
  await measure();
  await grow(100);
  await measure();
  const documents = await documentCalls();
  const objects = { group: GROUP, version: 'v1', resource: 'thing0xs' };
  await client.create(objects, object('Thing0x', 'watched') as never, { namespace: 'default' });
  await grow(750);
  await measure();
  // The watch ends when its definition changes, and uses summaries for its current state.
  expect(await watchCost('Thing0x')).toBeLessThan(45);
  await create(writer, 'Late');
  await measure();
  // Not one call per definition, whose schemas are included.
  expect(Math.max(...documents)).toBeLessThan(30);
  expect(costs).toEqual([
    // More than half is for APIServices, one per group; one unit is for the index.
    { resources: 0, readUnits: 8, calls: 4, inSequence: 1, writeUnits: 0 },
    { resources: 100, readUnits: 8, calls: 4, inSequence: 1, writeUnits: 0 },
    { resources: 750, readUnits: 16, calls: 4, inSequence: 1, writeUnits: 0 },
    // Changes not yet indexed are read from the log, concurrently with the APIServices.
    { resources: 751, readUnits: 16, calls: 5, inSequence: 2, writeUnits: 0 },
  ]);
}, 120_000);

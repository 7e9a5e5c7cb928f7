/** Cold functions: what the first request of an environment costs, by what it asks and by what the table holds. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startDynamoDBServer } from '../../../infra/emulator/dynamodb-server.ts';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { object, pathOf } from '../../fixtures/apiextensions/manifest.ts';
import { functionBundles } from '../../fixtures/function-bundles.ts';
import { benchDefinition, benchSpec } from '../apiextensions/definitions.ts';
import type { BenchOptions } from '../bench-options.ts';
import { openSlowTable, type SlowTable } from './slow-table.ts';

const DELAY_MS = 5;
const SAMPLES = 5;
const AT_ONCE = 16;
const TOKEN = 'ada-token';

/** What a table holds beside the objects that are asked for. */
interface Contents {
  readonly definitions: number;
  /** Bindings of others: half of them for the cluster, half in namespaces. */
  readonly bindings: number;
}

const CONTENTS: readonly Contents[] = [
  { definitions: 0, bindings: 10 },
  { definitions: 0, bindings: 5_000 },
  { definitions: 750, bindings: 10 },
];

/** One request, and the function that the gateway hands it to. */
interface Ask {
  readonly program: string;
  readonly method?: string;
  readonly path: string;
  readonly accept?: string;
  readonly body?: object;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const KIND = 'Bench0a';

/** By what a client does: each request comes to an environment of its own. */
const ASKS: Readonly<Record<string, (sample: number) => readonly Ask[]>> = {
  GET: () => [{ program: 'kube-apiserver', path: `${MAPS}/asked` }],
  LIST: () => [{ program: 'kube-apiserver', path: MAPS }],
  create: (sample) => [
    {
      program: 'kube-apiserver',
      method: 'POST',
      path: MAPS,
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `made-${sample}` } },
    },
  ],
  'GET of a custom resource': () => [{ program: 'apiextensions', path: `${pathOf(KIND)}/asked` }],
  'kubectl get pods, discovery first': () => [
    { program: 'aggregator', path: '/api', accept: DISCOVERY },
    { program: 'aggregator', path: '/apis', accept: DISCOVERY },
    { program: 'kube-apiserver', path: '/api/v1/namespaces/default/pods', accept: TABLE },
  ],
};

export async function run({ only = '' }: BenchOptions): Promise<string> {
  const bundles = await functionBundles();
  const emulator = await startDynamoDBServer();
  const table = await openSlowTable(emulator.endpoint, DELAY_MS);
  const root = mkdtempSync(join(tmpdir(), 'zeroplane-bench-'));
  mkdirSync(join(root, 'config'));
  writeFileSync(join(root, 'config/tokens.csv'), `${TOKEN},ada,1\n`);
  const rows: string[] = [];
  try {
    for (const [n, contents] of CONTENTS.entries()) {
      const tableName = `bench-${n}`;
      await fill({ endpoint: emulator.endpoint, tableName }, contents);
      const environment = {
        ...process.env,
        AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        // Answers are whole, and easily read.
        AWS_SAM_LOCAL: 'true',
        LAMBDA_TASK_ROOT: root,
        ZEROPLANE_TENANT: 'bench',
        ZEROPLANE_TABLE: tableName,
        ZEROPLANE_REQUEST_LOG: 'none',
        ZEROPLANE_ARGUMENTS: '--authorization-mode=RBAC --token-auth-file=config/tokens.csv',
      };
      for (const [name, asks] of Object.entries(ASKS)) {
        if (!name.includes(only) || (name.includes('custom') && contents.definitions === 0)) continue;
        rows.push(await row({ name, asks, contents, bundles, environment, table }));
      }
    }
  } finally {
    rmSync(root, { recursive: true });
    await table.close();
    await emulator.stop();
  }
  return [
    `The first request of an environment: processes that import the functions' bundles and answer an event of API Gateway,`,
    `by a user whom one ClusterRoleBinding binds; ${DELAY_MS} ms for each call to DynamoDB, medians of ${SAMPLES}. Milliseconds without`,
    `"waiting" are the processor's. Rows of several requests add up what each costs in an environment of its own.`,
    '',
    '| request | definitions | bindings | calls in sequence | calls | read units | write units | import | answer | answer with waiting |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly asks: (sample: number) => readonly Ask[];
  readonly contents: Contents;
  readonly bundles: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly table: SlowTable;
}

async function row({ name, asks, contents, bundles, environment, table }: Case): Promise<string> {
  const samples: number[][] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    let sums: readonly number[] = [0, 0, 0, 0, 0, 0, 0];
    for (const ask of asks(sample)) {
      table.take();
      const { imported, answered } = await answer(ask, bundles, environment);
      const { inSequence, count, readUnits, writeUnits } = table.take();
      const figures = [inSequence, count, readUnits, writeUnits, imported.cpu, answered.cpu, answered.wall];
      sums = sums.map((sum, at) => sum + figures[at]!);
    }
    samples.push([...sums]);
  }
  const medians = samples[0]!.map((_, at) => median(samples.map((figures) => figures[at]!)));
  const cells = medians.map((value, at) => value.toFixed(at < 4 && value % 1 !== 0 ? 1 : 0));
  return `| ${[name, contents.definitions, contents.bindings, ...cells].join(' | ')} |`;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

interface Measured {
  readonly wall: number;
  readonly cpu: number;
}

async function answer(ask: Ask, bundles: string, environment: NodeJS.ProcessEnv) {
  const { program, method = 'GET', path, accept = 'application/json', body } = ask;
  const headers = { accept, authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const event = {
    httpMethod: method,
    path,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    requestContext: { apiId: 'bench', stage: 'v1', domainName: 'bench.example.com' },
  };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      resolve('test/bench/lambda/cold-environment.mjs'),
      join(bundles, `${program}.mjs`),
      JSON.stringify(event),
    ],
    { env: environment, maxBuffer: 64 << 20 },
  );
  const told = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    readonly status: number;
    readonly body?: string;
    readonly imported: Measured;
    readonly answered: Measured;
  };
  if (told.status >= 300) throw new Error(`${method} ${path}: ${told.body}`);
  return told;
}

const RBAC = 'rbac.authorization.k8s.io';
const rbac = (resource: string) => ({ group: RBAC, version: 'v1', resource });

/** Makes the table, what a control plane is born with, and the contents. */
async function fill(place: { endpoint: string; tableName: string }, contents: Contents): Promise<void> {
  const storage = new SDKStorageFactory(place);
  await storage.createTable();
  const plane = await createControlPlane({
    storage,
    controllers: 'whenAsked',
    bootstrap: 'oncePerTenant',
    options: { authorizationMode: ['RBAC'] },
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(console.error),
  });
  await plane.start();
  await allow(plane);
  await times(contents.bindings, (n) => bind(plane, n));
  const definitions = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
  await times(contents.definitions, (n) =>
    plane.resources.client.create(definitions, benchDefinition(`Bench${n}a`) as unknown as KubeObject),
  );
  const inDefault = { namespace: 'default' };
  const maps = { group: '', version: 'v1', resource: 'configmaps' };
  await plane.resources.client.create(maps, { metadata: { name: 'asked' } } as KubeObject, inDefault);
  if (contents.definitions > 0) {
    const [, , group = '', version = '', , , resource = ''] = pathOf(KIND).split('/');
    await plane.resources.client.create(
      { group, version, resource },
      object(KIND, 'asked', { spec: benchSpec() }) as unknown as KubeObject,
      inDefault,
    );
  }
  // The index of subjects is a controller's.
  await plane.reconcile({ changes: undefined, patienceMs: 60_000 });
  await plane.close();
  await storage.close();
}

async function times(count: number, make: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Whom the requests are by: one role, one binding. */
async function allow({ resources: { client } }: ControlPlane): Promise<void> {
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'create'] }];
  await client.create(rbac('clusterroles'), { metadata: { name: 'user' }, rules } as KubeObject);
  await client.create(rbac('clusterrolebindings'), binding('ada', 'ada'));
}

const bind = ({ resources: { client } }: ControlPlane, n: number): Promise<unknown> =>
  n % 2 === 0
    ? client.create(rbac('clusterrolebindings'), binding(`b-${n}`, `user-${n}`))
    : client.create(rbac('rolebindings'), binding(`b-${n}`, `user-${n}`), { namespace: 'kube-public' });

const binding = (name: string, user: string): KubeObject =>
  ({
    metadata: { name },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'user' },
  }) as unknown as KubeObject;

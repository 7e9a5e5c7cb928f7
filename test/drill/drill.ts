/**
 * The worst week of a control plane, in minutes: objects are loaded and backed up, a release that fails is deployed under
 * load and goes back, another takes over, the keys are rotated, the table is lost, and the backup is restored elsewhere.
 * What clients were told is held against what is there.
 */

import { isDeepStrictEqual } from 'node:util';
import { makeSigningKey, tenantKeys } from '../../functions/adapter/tenant-keys.ts';
import { readRecords, writeRecords } from '../../shared/backup/backup-records.ts';
import { createBackup } from '../../shared/backup/create-backup.ts';
import { restoreBackup } from '../../shared/backup/restore-backup.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { type ControlPlane, createControlPlane } from '../../shared/server/create-control-plane.ts';
import { SDKDynamoDBTable } from '../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { newLogger } from '../../shared/util/logger.ts';
import { call } from '../fixtures/api-server.ts';
import { newTestTable } from '../fixtures/storage.ts';
import { Alias, failingAnswers, type Outcome } from './canary.ts';
import { Watcher, Writer } from './clients.ts';

export interface DrillOptions {
  readonly objects: number;
  readonly writers: number;
  readonly watchers: number;
  /** Told what is done next. */
  readonly say: (what: string) => void;
}

export interface DrillReport {
  readonly faulty: Outcome;
  readonly mended: Outcome;
  readonly writes: number;
  /** Answers with 5xx, after which the writers tried again. */
  readonly failures: number;
  /** Acknowledged writes that are not there. */
  readonly lostWrites: number;
  /** Acknowledged writes that a watch never told of. */
  readonly missedEvents: number;
  readonly resumedWatches: number;
  /** Whether tokens of the key before are good, and new ones are of another. */
  readonly oldTokenIsGood: boolean;
  readonly newTokenHasNewKey: boolean;
  readonly oldTokenIsGoodAfterRestore: boolean;
  readonly restored: number;
  /** What of the restored objects is not as it was, by place. */
  readonly differences: readonly string[];
  /** Whether each list's revision is beyond that of the backup. */
  readonly revisionsGoForward: boolean;
}

interface Table {
  readonly endpoint: string;
  readonly tableName: string;
}

/** Keys of a tenant, in a Parameter Store of one process, with a clock that only sleeping moves. */
class Keys {
  readonly #values = new Map<string, string>();
  #now = 0;
  readonly #clock = {
    now: () => this.#now,
    sleep: async (ms: number) => {
      this.#now += ms;
    },
  };
  readonly parameters = {
    list: async (folder: string) =>
      new Map(
        [...this.#values]
          .filter(([name]) => name.startsWith(`${folder}/`))
          .map(([name, value]) => [name.slice(folder.length + 1), value]),
      ),
    create: async (name: string, value: string) => {
      const isNew = !this.#values.has(name);
      if (isNew) this.#values.set(name, value);
      return isNew;
    },
  };

  /** As an environment has them. */
  ofEnvironment = () => tenantKeys(this.parameters, this.#clock);
  /** What was read is believed no longer. */
  pass = () => this.#clock.sleep(600_000);
}

interface Running extends ControlPlane {
  readonly storage: SDKStorageFactory;
}

async function start(table: Table, keys: Keys): Promise<Running> {
  const storage = new SDKStorageFactory(table);
  const plane = await createControlPlane({
    storage,
    options: { serviceAccountIssuer: ['https://drill.example.com'], tokenAuthFile: 'tokens.csv' },
    readFile: () => `${ADMIN},admin,1,system:masters`,
    keys: keys.ofEnvironment(),
    controllers: 'whenAsked',
    bootstrap: 'oncePerTenant',
    logger: newLogger(() => undefined),
  });
  await plane.start();
  const close = async () => {
    await plane.close();
    await storage.close();
  };
  return { ...plane, handler: asAdmin(plane.handler), storage, close };
}

const ADMIN = 'of-the-admin';

/** Who drills may do everything. */
const asAdmin =
  (handler: ApiHandler): ApiHandler =>
  (request) =>
    handler({ ...request, headers: new Map(request.headers).set('authorization', [`Bearer ${ADMIN}`]) });

/** What it is asked to write it writes, and says that it failed. */
const faulty =
  (handler: ApiHandler): ApiHandler =>
  async (request) => {
    const answer = await handler(request);
    return request.method === 'GET' ? answer : { ...answer, status: 500, body: Buffer.from('injected') };
  };

const LISTS = [
  '/api/v1/namespaces',
  '/api/v1/configmaps',
  '/api/v1/secrets',
  '/api/v1/serviceaccounts',
  '/apis/apps/v1/deployments',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
];

interface Listed {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly {
    readonly metadata: {
      readonly resourceVersion?: string;
      readonly namespace?: string;
      readonly name: string;
    };
  }[];
}

/** Everything that a client sees, but for revisions; and the revisions of the lists. */
async function everything(server: { readonly handler: ApiHandler }) {
  const objects = new Map<string, unknown>();
  const revisions: number[] = [];
  for (const url of LISTS) {
    const list = (await call(server, 'GET', url)).json as unknown as Listed;
    revisions.push(Number(list.metadata.resourceVersion));
    for (const item of list.items) {
      const { resourceVersion: _, ...metadata } = item.metadata;
      objects.set(`${url} ${metadata.namespace ?? ''}/${metadata.name}`, { ...item, metadata });
    }
  }
  return { objects, revisions };
}

async function load(server: { readonly handler: ApiHandler }, count: number): Promise<void> {
  await call(server, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'drill' } } });
  const kinds = ['configmaps', 'secrets', 'serviceaccounts'];
  const atOnce = 50;
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => first + n);
    const answers = await Promise.all(
      numbers.map((n) => {
        const body = { metadata: { name: `loaded-${n}`, labels: { n: String(n) } } };
        return call(server, 'POST', `/api/v1/namespaces/drill/${kinds[n % kinds.length]}`, { body });
      }),
    );
    const failed = answers.find(({ status }) => status !== 201);
    if (failed !== undefined) throw new Error(failed.text);
  }
}

const ACCOUNT = '/api/v1/namespaces/drill/serviceaccounts/loaded-2';

async function newToken(server: { readonly handler: ApiHandler }): Promise<string> {
  const { json, text } = await call(server, 'POST', `${ACCOUNT}/token`, { body: { spec: {} } });
  if (json?.status === undefined) throw new Error(text);
  return (json.status as { token: string }).token;
}

async function isGood(server: { readonly handler: ApiHandler }, token: string): Promise<boolean> {
  const body = { spec: { token } };
  const { json } = await call(server, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
  return (json as { status: { authenticated?: boolean } }).status.authenticated === true;
}

const keyOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

export async function drill({
  objects,
  writers: count,
  watchers: watching,
  say,
}: DrillOptions): Promise<DrillReport> {
  const keys = new Keys();
  const table = await newTestTable();

  say(`a control plane of ${objects} objects`);
  const released = await start(table, keys);
  await load(released, objects);
  const before = await everything(released);

  say('a backup');
  const lines: string[] = [];
  const store = { factory: released.storage, transformerFor: () => undefined };
  for await (const line of writeRecords(createBackup(store, { source: 'drill', now: Date.now() })))
    lines.push(line);

  say('a release that fails is deployed under load');
  const alias = new Alias(released, failingAnswers('fleet.yaml'));
  const writers = Array.from({ length: count }, (_, n) => new Writer(alias, `writer-${n}`));
  for (const writer of writers) await writer.create();
  const watchers = Array.from({ length: watching }, () => new Watcher(alias));
  for (const watcher of watchers) await watcher.start();
  const underLoad = async (deployed: Promise<Outcome>): Promise<Outcome> => {
    let isUnderWay = true;
    const end = Promise.allSettled([deployed]).then(() => {
      isUnderWay = false;
    });
    while (isUnderWay) await Promise.all(writers.map((writer) => writer.write()));
    await end;
    return deployed;
  };
  const broken = await start(table, keys);
  const wentBack = await underLoad(alias.deploy({ handler: faulty(broken.handler), drain: broken.drain }));
  const failures = writers.reduce((sum, writer) => sum + writer.failures, 0);

  say('one that does not');
  const current = await start(table, keys);
  const tookOver = await underLoad(alias.deploy(current));
  for (const watcher of watchers) await watcher.catchUp(writers);
  const lost = await Promise.all(writers.map((writer) => writer.isLost(current)));

  say('keys are rotated');
  const oldToken = await newToken(current);
  await makeSigningKey(keys.parameters, 2);
  await keys.pass();
  const token = await newToken(current);
  const oldTokenIsGood = await isGood(current, oldToken);

  say('the table is deleted');
  for (const watcher of watchers) await watcher.stop();
  for (const plane of [released, broken, current]) await plane.close();
  const removed = new SDKDynamoDBTable({ ...table, now: Date.now });
  await removed.remove();
  removed.close();

  say('the backup is restored');
  const place = await newTestTable();
  const factory = new SDKStorageFactory(place);
  const { written } = await restoreBackup(
    { factory, transformerFor: () => undefined },
    readRecords(from(lines)),
  );
  await factory.close();
  const restored = await start(place, keys);
  try {
    const after = await everything(restored);
    const places = new Set([...before.objects.keys(), ...after.objects.keys()]);
    return {
      faulty: wentBack,
      mended: tookOver,
      writes: writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      failures,
      lostWrites: lost.filter(Boolean).length,
      missedEvents: watchers
        .flatMap((watcher) => writers.map((writer) => watcher.missed(writer)))
        .reduce((a, b) => a + b, 0),
      resumedWatches: watchers.reduce((sum, { resumed }) => sum + resumed, 0),
      oldTokenIsGood,
      newTokenHasNewKey: keyOf(token) !== keyOf(oldToken),
      oldTokenIsGoodAfterRestore: await isGood(restored, oldToken),
      restored: written,
      differences: [...places].filter(
        (key) => !isDeepStrictEqual(before.objects.get(key), after.objects.get(key)),
      ),
      revisionsGoForward: after.revisions.every((revision, n) => revision >= before.revisions[n]!),
    };
  } finally {
    await restored.close();
  }
}

async function* from(lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield line.replace(/\n$/, '');
}

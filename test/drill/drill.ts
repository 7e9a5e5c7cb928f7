/**
 * A tenant's worst week in minutes: its functions run from their bundles behind the template's routes; objects are
 * loaded and backed up, a faulty release is deployed under load and rolled back, keys are rotated, another release
 * takes over, the table is lost, and the backup is restored. The observations of clients that watch throughout are
 * compared with the actual state.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { backup, restore } from '../../infra/cli/backup/backup.ts';
import { rotateKeys } from '../../infra/cli/keys/rotate-keys.ts';
import { importCluster } from '../../infra/cli/transfer/import.ts';
import type { ApiHandler } from '../../shared/request/api-request.ts';
import { call } from '../fixtures/api-server.ts';
import { restoreEnvironment } from '../fixtures/environment.ts';
import { Alias, failingAnswers, type Outcome } from './canary.ts';
import { Watcher, Writer } from './clients.ts';
import { newStack, type Stack } from './stack.ts';

export interface DrillOptions {
  readonly objects: number;
  /** Number of objects created by requests; the others are loaded by `zeroplane import`. */
  readonly byRequests: number;
  readonly writers: number;
  readonly watchers: number;
  /** Called with a description of the next step. */
  readonly say: (what: string) => void;
}

export interface DrillReport {
  readonly faulty: Outcome;
  readonly mended: Outcome;
  /** Writes acknowledged while releases were deployed. */
  readonly writes: number;
  /** 5xx responses, which the writers retried. */
  readonly failures: number;
  /** Acknowledged writes missing before the table is lost. */
  readonly lostWrites: number;
  /** Acknowledged writes that a watch did not deliver. */
  readonly missedEvents: number;
  /** Watches that ended and were resumed without a list. */
  readonly resumedWatches: number;
  /** Number of new lists by watchers: before the table was lost, and after. */
  readonly relisted: readonly [number, number];
  /** Objects for which the watchers' knowledge is wrong after the restore. */
  readonly wrongInWatchers: readonly string[];
  /** Whether tokens signed with the previous key are valid, and new ones are signed with another. */
  readonly oldTokenIsGood: boolean;
  readonly newTokenHasNewKey: boolean;
  readonly oldTokenIsGoodAfterRestore: boolean;
  readonly backupBytes: number;
  /** Output of the restore. */
  readonly restored: string;
  /** Number of objects compared with their previous state. */
  readonly compared: number;
  /** Differences between restored objects and their previous state, by path. */
  readonly differences: readonly string[];
  /** Whether each list's revision is greater than that of the backup. */
  readonly revisionsGoForward: boolean;
}

/** Performs writes, but reports them as failed. */
const faulty =
  (handler: ApiHandler): ApiHandler =>
  async (request) => {
    const answer = await handler(request);
    return request.method === 'GET' ? answer : { ...answer, status: 500, body: Buffer.from('injected') };
  };

type Asked = { readonly handler: ApiHandler };

interface Listed {
  readonly metadata: { readonly resourceVersion?: string };
  readonly items: readonly {
    readonly metadata: {
      readonly resourceVersion?: string;
      readonly namespace?: string;
      readonly name: string;
    };
  }[];
}

interface Discovered {
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

/** Paths of all listable resources, except those that expire within an hour or are generated on request. */
async function lists(server: Asked): Promise<string[]> {
  const { groups } = (await call(server, 'GET', '/apis')).json as unknown as {
    groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  };
  const versions = ['/api/v1', ...groups.map((group) => `/apis/${group.preferredVersion.groupVersion}`)];
  const found: string[] = [];
  for (const version of versions) {
    const { resources } = (await call(server, 'GET', version)).json as unknown as Discovered;
    for (const { name, verbs } of resources) {
      if (verbs.includes('list') && verbs.includes('create') && name !== 'events')
        found.push(`${version}/${name}`);
    }
  }
  return found;
}

/** All objects visible to clients, without revisions; and the revisions of the lists. */
async function everything(server: Asked) {
  const objects = new Map<string, unknown>();
  const revisions: number[] = [];
  for (const url of await lists(server)) {
    const list = (await call(server, 'GET', url)).json as unknown as Listed;
    revisions.push(Number(list.metadata.resourceVersion));
    for (const item of list.items) {
      const { resourceVersion: _, ...metadata } = item.metadata;
      objects.set(`${url} ${metadata.namespace ?? ''}/${metadata.name}`, { ...item, metadata });
    }
  }
  return { objects, revisions };
}

const KINDS = [
  ['configmaps', 'ConfigMap'],
  ['secrets', 'Secret'],
  ['serviceaccounts', 'ServiceAccount'],
] as const;
const metadataOf = (n: number) => ({ name: `loaded-${n}`, labels: { n: String(n) } });

/** Imports the objects from this number on, as an operator migrates those of another cluster. */
async function importObjects(tenant: string, folder: string, from: number, to: number): Promise<void> {
  const items = Array.from({ length: to - from }, (_, at) => {
    const n = from + at;
    const metadata = { ...metadataOf(n), namespace: 'drill' };
    return { apiVersion: 'v1', kind: KINDS[n % KINDS.length]![1], metadata };
  });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'drill' } };
  const files = join(folder, 'objects.json');
  writeFileSync(files, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [namespace, ...items] }));
  await importCluster({ tenant, files, etcdPrefix: '/registry' });
}

async function load(server: Asked, count: number, atOnce: number): Promise<void> {
  await call(server, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'drill' } } });
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, n) => first + n);
    const answers = await Promise.all(
      numbers.map((n) => {
        const url = `/api/v1/namespaces/drill/${KINDS[n % KINDS.length]![0]}`;
        return call(server, 'POST', url, { body: { metadata: metadataOf(n) } });
      }),
    );
    const failed = answers.find(({ status }) => status !== 201);
    if (failed !== undefined) throw new Error(failed.text);
  }
}

const ACCOUNT = '/api/v1/namespaces/drill/serviceaccounts/loaded-2';

async function newToken(server: Asked): Promise<string> {
  const { json, text } = await call(server, 'POST', `${ACCOUNT}/token`, { body: { spec: {} } });
  if (json?.status === undefined) throw new Error(text);
  return (json.status as { token: string }).token;
}

async function isGood(server: Asked, token: string): Promise<boolean> {
  const body = { spec: { token } };
  const { json } = await call(server, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body });
  return (json as { status: { authenticated?: boolean } }).status.authenticated === true;
}

const keyOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

let tenants = 0;

export async function drill(options: DrillOptions): Promise<DrillReport> {
  const tenant = `drill-${process.pid}-${++tenants}`;
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-drill-'));
  const before = { ...process.env };
  const stack = await newStack(tenant);
  Object.assign(process.env, stack.environment);
  try {
    return await drillIn(stack, { ...options, tenant, folder });
  } finally {
    restoreEnvironment(before);
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface DrillIn extends DrillOptions {
  readonly tenant: string;
  /** Folder for files. */
  readonly folder: string;
}

async function drillIn(stack: Stack, { tenant, folder, say, ...size }: DrillIn): Promise<DrillReport> {
  const file = join(folder, 'backup');
  await stack.createTable();
  const byRequests = Math.min(size.objects, size.byRequests);
  if (size.objects > byRequests) {
    say(`${size.objects - byRequests} objects are imported`);
    await importObjects(tenant, folder, byRequests, size.objects);
  }
  say(`the functions start, and ${byRequests} objects are made by requests`);
  const released = { handler: await stack.release() };
  await load(released, byRequests, size.writers);
  say('everything is read');
  const before = await everything(released);

  say('a backup');
  await backup({ tenant, output: file });

  say('a release that fails is deployed under load');
  const alias = new Alias(released.handler, failingAnswers('fleet.yaml'));
  const writers = Array.from({ length: size.writers }, (_, n) => new Writer(alias, `writer-${n}`));
  for (const writer of writers) await writer.create();
  const watchers = Array.from({ length: size.watchers }, () => new Watcher(alias));
  for (const watcher of watchers) await watcher.start();
  const oldToken = await newToken(released);
  const wentBack = await underLoad(writers, alias.deploy(faulty(await stack.release())));
  const failures = sum(writers.map((writer) => writer.failures));

  say('keys are rotated, and a release that does not fail is deployed');
  await rotateKeys({ tenant });
  const current = { handler: await stack.release() };
  const tookOver = await underLoad(writers, alias.deploy(current.handler));
  for (const watcher of watchers) await watcher.catchUp(writers);
  const lost = await Promise.all(writers.map((writer) => writer.isLost(current)));
  const token = await newToken(current);
  const oldTokenIsGood = await isGood(current, oldToken);

  const relistedBefore = sum(watchers.map(({ relisted }) => relisted));

  say('the table is deleted');
  await stack.deleteTable();
  alias.close();
  await stack.end();

  say('the backup is restored');
  await stack.createTable();
  const restored = await restore({ tenant, input: file });

  say('clients go on');
  const again = { handler: await stack.release() };
  alias.serve(again.handler);
  const after = await everything(again);
  const marker = { metadata: { name: 'marker' } };
  const { json: made } = await call(alias, 'POST', '/api/v1/namespaces/drill/configmaps', { body: marker });
  const wrong: string[] = [];
  for (const watcher of watchers) {
    await watcher.knows((made as { metadata: { name: string; resourceVersion: string } }).metadata);
    wrong.push(...(await watcher.wrong(again)));
    await watcher.stop();
  }
  const places = new Set([...before.objects.keys(), ...after.objects.keys()]);
  return {
    faulty: wentBack,
    mended: tookOver,
    writes: sum(writers.map(({ acknowledged }) => acknowledged)),
    failures,
    lostWrites: lost.filter(Boolean).length,
    missedEvents: sum(watchers.flatMap((watcher) => writers.map((writer) => watcher.missed(writer)))),
    resumedWatches: sum(watchers.map(({ resumed }) => resumed)),
    relisted: [relistedBefore, sum(watchers.map(({ relisted }) => relisted)) - relistedBefore],
    wrongInWatchers: wrong,
    oldTokenIsGood,
    newTokenHasNewKey: keyOf(token) !== keyOf(oldToken),
    oldTokenIsGoodAfterRestore: await isGood(again, oldToken),
    backupBytes: statSync(file).size,
    restored,
    compared: places.size,
    differences: [...places].filter(
      (key) => !isDeepStrictEqual(before.objects.get(key), after.objects.get(key)),
    ),
    revisionsGoForward: after.revisions.every((revision, n) => revision >= before.revisions[n]!),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The writers write until the deployment has an outcome. */
async function underLoad(writers: readonly Writer[], deployed: Promise<Outcome>): Promise<Outcome> {
  let isUnderWay = true;
  const end = Promise.allSettled([deployed]).then(() => {
    isUnderWay = false;
  });
  while (isUnderWay) await Promise.all(writers.map((writer) => writer.write()));
  await end;
  return deployed;
}

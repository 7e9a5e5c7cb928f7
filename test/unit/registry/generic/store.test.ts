import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { core } from '../../../../shared/apis/core/install.ts';
import type { ConfigMap, Pod } from '../../../../shared/apis/core/v1/types.ts';
import { installGroup } from '../../../../shared/apis/install-group.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { newTooManyRequests, StatusError } from '../../../../shared/meta/status-error.ts';
import { nameIsDNSSubdomain } from '../../../../shared/meta/validation/names.ts';
import type { RESTStorageConfig } from '../../../../shared/registry/generic/rest-storage-provider.ts';
import { Store } from '../../../../shared/registry/generic/store.ts';
import type { RESTListOptions, RESTObject } from '../../../../shared/rest/rest-storage.ts';
import type { RESTStrategy } from '../../../../shared/rest/strategy.ts';
import { defaultUpdatedObjectInfo } from '../../../../shared/rest/update.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';
import type { DynamoDBStorageFactory } from '../../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { DEFAULT_REGISTRY_OPTIONS } from '../../../fixtures/registry-options.ts';
import { testRequestContext } from '../../../fixtures/request-context.ts';
import { newTestStorageFactory } from '../../../fixtures/storage.ts';

const scheme = new Scheme(builtinTypeTables());
installGroup(scheme, core);

const configMaps: RESTStrategy<ConfigMap> = {
  kind: { group: '', kind: 'ConfigMap' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
};
/** Pods, as far as deletion is concerned: thirty seconds of grace. */
const pods: RESTStrategy<Pod> = {
  kind: { group: '', kind: 'Pod' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  checkGracefulDelete(_context, _pod, options) {
    options.gracePeriodSeconds ??= 30;
    return true;
  },
};

const allow = async (): Promise<void> => {};
const CREATE = { dryRun: false };
const UPDATE = { dryRun: false, createValidation: allow, updateValidation: allow };
const LIST: RESTListOptions = { labelSelector: '', fieldSelector: '' };
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const UID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

let factory: DynamoDBStorageFactory;
let config: RESTStorageConfig;
let store: Store<ConfigMap>;
let podStore: Store<Pod>;
let namespaces = 0;
let context: ReturnType<typeof testRequestContext>;

beforeAll(async () => {
  factory = await newTestStorageFactory();
  config = {
    scheme,
    storageFactory: factory,
    resources: { lister: () => expect.fail('not used'), client: undefined as never },
    isResourceServed: () => true,
    options: DEFAULT_REGISTRY_OPTIONS,
  };
  store = new Store({
    config,
    resource: { group: '', resource: 'configmaps' },
    storageVersion: { group: '', version: 'v1', kind: 'ConfigMap' },
    strategy: configMaps,
  });
  podStore = new Store({
    config,
    resource: { group: '', resource: 'pods' },
    storageVersion: { group: '', version: 'v1', kind: 'Pod' },
    strategy: pods,
  });
});

afterAll(() => factory.close());

const newContext = (): ReturnType<typeof testRequestContext> => testRequestContext(`test-${++namespaces}`);

const configMap = (metadata: ConfigMap['metadata'], data?: Record<string, string>): ConfigMap => ({
  apiVersion: '__internal',
  kind: 'ConfigMap',
  metadata,
  ...(data && { data }),
});
const pod = (metadata: Pod['metadata']): Pod => ({
  apiVersion: '__internal',
  kind: 'Pod',
  metadata,
  spec: { containers: [], nodeName: 'node-1' },
  status: {},
});

const create = async (object: ConfigMap): Promise<ConfigMap> =>
  (await store.create(context, object, allow, CREATE)).object() as ConfigMap;
const names = (items: readonly RESTObject[]): string[] =>
  items.map((item) => item.object().metadata.name ?? '');
const statusOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = await promise.then(
    () => expect.fail('should have failed'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StatusError);
  const { code, reason, message, details } = (error as StatusError).status;
  return { code, reason, message, details };
};

test('memory is reserved before a large object is changed, and may be refused', async () => {
  context = newContext();
  for (const [name, length] of [
    ['small', 10],
    ['large', 100_000],
  ] as const) {
    await create(configMap({ name }, { a: 'x'.repeat(length) }));
  }
  const claimed: number[] = [];
  let tried = 0;
  const changing = (name: string, { room, dryRun }: { room: boolean; dryRun: boolean }) =>
    store.update(
      {
        ...context,
        request: {
          ...context.request,
          claimAnswer({ objectBytes }: { readonly objectBytes: number }) {
            claimed.push(Math.round(objectBytes / 100_000));
            if (!room) throw newTooManyRequests('no room', 1);
          },
        },
      } as typeof context,
      name,
      {
        preconditions: undefined,
        async updatedObject(_: unknown, old: KubeObject | undefined) {
          tried++;
          return { ...old!, data: { a: 'y' } } as KubeObject;
        },
      },
      { ...UPDATE, dryRun },
    );
  await changing('small', { room: false, dryRun: false });
  expect([claimed, tried]).toEqual([[], 1]);
  for (const dryRun of [true, false]) {
    expect(await statusOf(changing('large', { room: false, dryRun }))).toMatchObject({ code: 429 });
  }
  expect([claimed, tried]).toEqual([[2, 2], 1]);
  await changing('large', { room: true, dryRun: false });
  expect([claimed, tried]).toEqual([[2, 2, 2], 2]);
  const deleting = (verb: string) =>
    store.delete(
      {
        ...context,
        requestInfo: { ...context.requestInfo, verb },
        request: {
          ...context.request,
          claimAnswer() {
            throw newTooManyRequests('no room', 1);
          },
        },
      } as typeof context,
      'huge',
      allow,
      { dryRun: false },
    );
  await create(configMap({ name: 'huge' }, { a: 'x'.repeat(100_000) }));
  expect(await statusOf(deleting('delete'))).toMatchObject({ code: 429 });
  expect(await deleting('deletecollection')).toMatchObject({ deleted: true });
});

describe('create', () => {
  test('fills in metadata and stores', async () => {
    context = newContext();
    const created = await create(configMap({ name: 'a', labels: { x: 'y' } }, { k: 'v' }));
    expect(created).toEqual({
      apiVersion: '__internal',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: context.requestInfo.namespace,
        labels: { x: 'y' },
        uid: UID,
        creationTimestamp: TIME,
        resourceVersion: expect.stringMatching(/^\d+$/),
      },
      data: { k: 'v' },
    });
    const read = await store.get(context, 'a', {});
    expect(read.object()).toEqual(created);
    expect(JSON.parse(Buffer.from(read.bytes!).toString())).toEqual({ ...created, apiVersion: 'v1' });
  });

  test('reports a name that exists, and one that is being deleted', async () => {
    context = newContext();
    await create(configMap({ name: 'a', finalizers: ['example.com/wait'] }));
    const conflict = {
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
      details: { name: 'a', kind: 'configmaps' },
    };
    expect(await statusOf(create(configMap({ name: 'a' })))).toEqual(conflict);
    await store.delete(context, 'a', allow, CREATE);
    const message = 'object is being deleted: configmaps "a" already exists';
    expect(await statusOf(create(configMap({ name: 'a' })))).toEqual({ ...conflict, message });
  });

  test('generates names', async () => {
    context = newContext();
    const { metadata } = await create(configMap({ generateName: 'web-' }));
    expect(metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('reports every error in metadata', async () => {
    context = newContext();
    const bad = configMap({ name: 'A', labels: { 'a b': 'c' } });
    expect(await statusOf(create(bad))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      details: {
        name: 'A',
        kind: 'ConfigMap',
        causes: [{ field: 'metadata.name' }, { field: 'metadata.labels' }],
      },
    });
  });

  test('rejects another namespace', async () => {
    context = newContext();
    expect(await statusOf(create(configMap({ name: 'a', namespace: 'other' })))).toMatchObject({
      code: 400,
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    });
  });

  test('a dry run stores nothing', async () => {
    context = newContext();
    const result = await store.create(context, configMap({ name: 'a' }), allow, { dryRun: true });
    expect(result.object().metadata).toEqual({
      name: 'a',
      namespace: context.requestInfo.namespace,
      uid: UID,
      creationTimestamp: TIME,
    });
    expect(await statusOf(store.get(context, 'a', {}))).toMatchObject({ code: 404 });
  });
});

describe('update', () => {
  const update = (object: KubeObject, options = UPDATE) =>
    store.update(context, object.metadata.name!, defaultUpdatedObjectInfo(object), options);

  test('replaces, keeps system metadata, and writes only changes', async () => {
    context = newContext();
    const created = await create(configMap({ name: 'a' }, { k: '1' }));
    const changed = await update(configMap({ name: 'a' }, { k: '2' }));
    expect(changed.created).toBe(false);
    const { resourceVersion, ...metadata } = created.metadata;
    expect(changed.item.object()).toMatchObject({ metadata, data: { k: '2' } });
    expect(Number(changed.item.object().metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    const same = await update(changed.item.object());
    expect(same.item.object()).toEqual(changed.item.object());
  });

  test('rejects an old revision, another uid, and a missing object', async () => {
    context = newContext();
    const created = await create(configMap({ name: 'a' }, { k: '1' }));
    await update(configMap({ name: 'a' }, { k: '2' }));
    expect(await statusOf(update(created))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'a', kind: 'configmaps' },
    });
    expect(await statusOf(update(configMap({ name: 'a', uid: 'x' })))).toMatchObject({
      code: 409,
      message: `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/${context.requestInfo.namespace}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ${created.metadata.uid}`,
    });
    expect(await statusOf(update(configMap({ name: 'b' })))).toMatchObject({
      code: 404,
      message: 'configmaps "b" not found',
    });
  });

  test('creates for server-side apply', async () => {
    context = newContext();
    const options = { ...UPDATE, forceAllowCreate: true };
    const { item, created } = await update(configMap({ name: 'a' }), options);
    expect(created).toBe(true);
    expect(item.object().metadata).toMatchObject({ uid: UID, creationTimestamp: TIME });
  });

  test('removing the last finalizer of a deleted object deletes it', async () => {
    context = newContext();
    await create(configMap({ name: 'a', finalizers: ['example.com/wait'] }));
    const { deleted } = await store.delete(context, 'a', allow, CREATE);
    expect(deleted).toBe(false);
    const marked = (await store.get(context, 'a', {})).object();
    expect(marked.metadata).toMatchObject({ deletionTimestamp: TIME, deletionGracePeriodSeconds: 0 });
    await update({ ...marked, metadata: { ...marked.metadata, finalizers: [] } });
    expect(await statusOf(store.get(context, 'a', {}))).toMatchObject({ code: 404 });
  });
});

describe('delete', () => {
  test('returns a Status', async () => {
    context = newContext();
    const { metadata } = await create(configMap({ name: 'a' }));
    expect(await store.delete(context, 'a', allow, CREATE)).toEqual({
      deleted: true,
      result: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
        code: 0,
      },
    });
    expect(await statusOf(store.delete(context, 'a', allow, CREATE))).toMatchObject({ code: 404 });
  });

  test.each<[policy: string, finalizers: string[]]>([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('%s waits for the garbage collector', async (propagationPolicy, finalizers) => {
    context = newContext();
    await create(configMap({ name: 'a' }));
    const { deleted } = await store.delete(context, 'a', allow, { dryRun: false, propagationPolicy });
    expect(deleted).toBe(false);
    expect((await store.get(context, 'a', {})).object().metadata).toMatchObject({
      finalizers,
      deletionTimestamp: TIME,
    });
  });

  test('rejects failed preconditions and admission', async () => {
    context = newContext();
    const { metadata } = await create(configMap({ name: 'a' }));
    const preconditions = { uid: 'x' };
    expect(await statusOf(store.delete(context, 'a', allow, { dryRun: false, preconditions }))).toMatchObject(
      {
        code: 409,
        message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      },
    );
    const refuse = async (): Promise<void> => {
      throw new StatusError({ code: 403, reason: 'Forbidden', message: 'no' });
    };
    expect(await statusOf(store.delete(context, 'a', refuse, CREATE))).toMatchObject({ code: 403 });
    expect(names((await store.list(context, LIST)).items)).toEqual(['a']);
  });

  test('a grace period can be shortened, and zero ends it', async () => {
    context = newContext();
    await podStore.create(context, pod({ name: 'a' }), allow, CREATE);
    const remove = (gracePeriodSeconds?: number) =>
      podStore.delete(context, 'a', allow, { dryRun: false, gracePeriodSeconds });
    const read = async () => (await podStore.get(context, 'a', {})).object().metadata;
    expect((await remove()).deleted).toBe(false);
    expect(await read()).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: TIME });
    expect((await remove(60)).deleted).toBe(false);
    expect(await read()).toMatchObject({ deletionGracePeriodSeconds: 30 });
    expect((await remove(10)).deleted).toBe(false);
    expect(await read()).toMatchObject({ deletionGracePeriodSeconds: 10 });
    expect((await remove(0)).deleted).toBe(true);
    expect(await statusOf(podStore.get(context, 'a', {}))).toMatchObject({ code: 404 });
  });

  test('a collection by selector', async () => {
    context = newContext();
    for (const name of ['a', 'b', 'c']) {
      await create(configMap({ name, labels: { group: name === 'c' ? '2' : '1' } }));
    }
    const list = await store.deleteCollection(context, allow, CREATE, { ...LIST, labelSelector: 'group=1' });
    expect(names(list.items)).toEqual(['a', 'b']);
    expect(names((await store.list(context, LIST)).items)).toEqual(['c']);
  });

  test('a collection, of whose large objects one is decoded at a time, with memory claimed for it', async () => {
    context = newContext();
    const inNamespace = new Store({
      ...store.options,
      config: { ...config, options: { ...DEFAULT_REGISTRY_OPTIONS, deleteCollectionWorkers: 8 } },
    });
    const claimed: number[] = [];
    const claiming = (room: boolean) =>
      ({
        ...context,
        requestInfo: { ...context.requestInfo, verb: 'deletecollection' },
        request: {
          ...context.request,
          claimAnswer({ objectBytes }: { readonly objectBytes: number }) {
            claimed.push(Math.round(objectBytes / 100_000));
            if (!room) throw newTooManyRequests('no room', 1);
          },
        },
      }) as typeof context;
    /** The highest number of deletions in progress, of all objects and of large ones. */
    const most = { all: 0, large: 0 };
    const now = { all: 0, large: 0 };
    const validate = async (object: KubeObject): Promise<void> => {
      const sizes = object.metadata.name!.startsWith('large')
        ? (['all', 'large'] as const)
        : (['all'] as const);
      for (const size of sizes) most[size] = Math.max(most[size], ++now[size]);
      for (let i = 0; i < 50; i++) await new Promise((done) => setImmediate(done));
      for (const size of sizes) now[size]--;
    };
    for (const name of ['small-1', 'small-2', 'large-1', 'large-2', 'large-3']) {
      await create(configMap({ name }, { a: 'x'.repeat(name.startsWith('large') ? 100_000 : 10) }));
    }
    const remove = (room: boolean) => inNamespace.deleteCollection(claiming(room), validate, CREATE, LIST);
    expect(await statusOf(remove(false))).toMatchObject({ code: 429 });
    expect((await store.list(context, LIST)).items).toHaveLength(5);
    await remove(true);
    expect([claimed, most]).toEqual([[2, 2], { all: 3, large: 1 }]);
    expect((await store.list(context, LIST)).items).toEqual([]);
  });
});

describe('list and watch', () => {
  test('pages and selects', async () => {
    context = newContext();
    for (const name of ['a', 'b', 'c']) await create(configMap({ name, labels: { app: name } }));
    const first = await store.list(context, { ...LIST, limit: 2 });
    expect(names(first.items)).toEqual(['a', 'b']);
    expect(first.remainingItemCount).toBe(1);
    const rest = await store.list(context, { ...LIST, limit: 2, continue: first.continue });
    expect(names(rest.items)).toEqual(['c']);
    expect(rest.resourceVersion).toBe(first.resourceVersion);
    const select = async (options: Partial<RESTListOptions>) =>
      names((await store.list(context, { ...LIST, ...options })).items);
    expect(await select({ labelSelector: 'app in (a,c)' })).toEqual(['a', 'c']);
    expect(await select({ fieldSelector: 'metadata.name=b' })).toEqual(['b']);
    expect(await select({ fieldSelector: 'metadata.name!=b' })).toEqual(['a', 'c']);
  });

  test('pages report the remaining items at their revision', async () => {
    context = newContext();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(configMap({ name }));
    await store.list(context, LIST);
    const pages: [string[], number | undefined][] = [];
    for (let next: string | undefined; next !== ''; ) {
      const page = await store.list(context, { ...LIST, limit: 2, ...(next && { continue: next }) });
      pages.push([names(page.items), page.remainingItemCount]);
      next = page.continue;
      if (pages.length > 1) continue;
      await store.delete(context, 'e', allow, CREATE);
      await create(configMap({ name: 'c1' }));
      await create(configMap({ name: 'f' }));
    }
    expect(pages).toEqual([
      [['a', 'b'], 3],
      [['c', 'd'], 1],
      [['e'], undefined],
    ]);
  });

  test('selects by fields of the kind', async () => {
    context = newContext();
    await podStore.create(context, pod({ name: 'a' }), allow, CREATE);
    const select = async (fieldSelector: string) =>
      names((await podStore.list(context, { ...LIST, fieldSelector })).items);
    expect(await select('spec.nodeName=node-1')).toEqual(['a']);
    expect(await select('spec.nodeName=')).toEqual([]);
    expect(await select('spec.hostNetwork=false')).toEqual(['a']);
  });

  test('watches changes in order until stopped', async () => {
    context = newContext();
    const { resourceVersion } = await store.list(context, LIST);
    const watch = await store.watch(context, { ...LIST, resourceVersion });
    await create(configMap({ name: 'a' }));
    await store.delete(context, 'a', allow, CREATE);
    const seen: string[] = [];
    for await (const event of watch) {
      if (event.type === 'BOOKMARK') continue;
      seen.push(`${event.type} ${event.item.object().metadata.name}`);
      if (seen.length === 2) watch.stop();
    }
    expect(seen).toEqual(['ADDED a', 'DELETED a']);
  });
});

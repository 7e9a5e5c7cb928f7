import { afterAll, beforeAll, expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import { builtinResources } from '../../../../shared/apis/resource-table.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { RETURNS_DELETED_OBJECT } from '../../../../shared/endpoints/openapi/resource-facts.ts';
import type { RESTStorageConfig } from '../../../../shared/registry/generic/rest-storage-provider.ts';
import { Store } from '../../../../shared/registry/generic/store.ts';
import { groupProviders } from '../../../../shared/registry/group-providers.ts';
import * as rest from '../../../../shared/rest/rest-storage.ts';
import { formatGroupVersion, parseGroupVersion } from '../../../../shared/runtime/group-version.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';
import type { DynamoDBStorageFactory } from '../../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { DEFAULT_REGISTRY_OPTIONS } from '../../../fixtures/registry-options.ts';
import { newTestStorageFactory } from '../../../fixtures/storage.ts';

const PROVIDERS = groupProviders();
const scheme = new Scheme(builtinTypeTables());
installAll(scheme);

let storageFactory: DynamoDBStorageFactory;
let config: RESTStorageConfig;

beforeAll(async () => {
  storageFactory = await newTestStorageFactory();
  config = {
    scheme,
    storageFactory,
    resources: { lister: () => undefined as never, client: undefined as never },
    tokenGenerator: { generateToken: () => expect.fail('not used') } as never,
    isResourceServed: () => true,
    options: DEFAULT_REGISTRY_OPTIONS,
  };
});

afterAll(() => storageFactory.close());

/** The storage interface that each verb of the resource table requires. */
const CAPABILITIES: Readonly<Record<string, (storage: rest.RESTStorage) => boolean>> = {
  get: rest.isGetter,
  list: rest.isLister,
  watch: rest.isWatcher,
  create: rest.isCreater,
  update: rest.isUpdater,
  patch: (storage) => rest.isGetter(storage) && rest.isUpdater(storage),
  delete: rest.isGracefulDeleter,
  deletecollection: rest.isCollectionDeleter,
};

const CONNECT_VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function verbsOf(storage: rest.RESTStorage): string[] {
  const connect = rest.isConnecter(storage) ? storage.connectMethods : [];
  const able = Object.keys(CAPABILITIES).filter((verb) => CAPABILITIES[verb]!(storage));
  if (rest.isNamedCreater(storage)) able.push('create');
  return [...able, ...connect.flatMap((method) => CONNECT_VERBS[method] ?? [])].sort();
}

/** Groups of the other servers of the chain. */
const SERVED_ELSEWHERE = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

test('providers offer every resource of the table, with its verbs', () => {
  const expected = [...builtinResources()].flatMap(([apiVersion, { resources }]) => {
    if (SERVED_ELSEWHERE.has(parseGroupVersion(apiVersion)!.group)) return [];
    return Object.entries(resources).flatMap(([name, { verbs, subresources = {} }]) => [
      [`${apiVersion}/${name}`, verbs] as const,
      ...Object.entries(subresources).map(
        (sub) => [`${apiVersion}/${name}/${sub[0]}`, sub[1].verbs] as const,
      ),
    ]);
  });
  const offered = PROVIDERS.flatMap((provider) =>
    [...provider.restStorage(config)].flatMap(([version, storages]) =>
      [...storages].map(([name, storage]) => {
        const apiVersion = formatGroupVersion({ group: provider.group, version });
        return [`${apiVersion}/${name}`, verbsOf(storage)] as const;
      }),
    ),
  );
  expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(expected));
  expect(offered.length).toBeGreaterThan(100);
});

test('deletions return what the documents say', () => {
  const returning = PROVIDERS.flatMap((provider) =>
    [...provider.restStorage(config).values()].flatMap((storages) =>
      [...storages].flatMap(([name, storage]) =>
        storage instanceof Store && storage.options.returnDeletedObject ? [`${name}.${provider.group}`] : [],
      ),
    ),
  );
  const groups = new Set(PROVIDERS.map(({ group }) => group));
  const documented = [...RETURNS_DELETED_OBJECT].filter((name) =>
    groups.has(name.slice(name.indexOf('.') + 1)),
  );
  // Namespaces return the object, unlike in the documents.
  expect([...new Set(returning)].sort()).toEqual(['namespaces.', ...documented].sort());
  expect(documented).toContain('storageclasses.storage.k8s.io');
});

test('a disabled resource is not offered', () => {
  const off = { ...config, isResourceServed: ({ resource }: { resource: string }) => resource !== 'jobs' };
  const batch = PROVIDERS.find(({ group }) => group === 'batch')!.restStorage(off);
  expect([...batch].map(([version, storages]) => [version, [...storages.keys()]])).toEqual([
    ['v1', ['cronjobs', 'cronjobs/status']],
    ['v1beta1', ['cronjobs', 'cronjobs/status']],
    ['v2alpha1', ['cronjobs', 'cronjobs/status']],
  ]);
});

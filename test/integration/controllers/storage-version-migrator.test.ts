/** Migrations of stored objects: the objects rewritten, and the status of migration and definition. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { Condition } from '../../../shared/meta/v1/types.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import type { StorageFactory } from '../../../shared/storage/storage.ts';
import { type LogRecord, newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const MIGRATIONS = '/apis/storagemigration.k8s.io/v1/storageversionmigrations';
const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com';
const WIDGETS = '/apis/example.com/v2/namespaces/default/widgets';

let storage: StorageFactory;
let plane: ControlPlane;
const said: LogRecord[] = [];
beforeAll(async () => {
  storage = await newTestStorageFactory();
  plane = await createControlPlane({
    storage,
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger((record) => said.push(record)),
  });
  await plane.start();
}, 60_000);

test('no objects are read where the API is disabled', async () => {
  const off = await createControlPlane({
    storage: await newTestStorageFactory(),
    authenticator: new AnonymousAuthenticator([]),
    options: { featureGates: new Map([['StorageVersionMigrator', 'false']]) },
    logger: newLogger((record) => said.push(record)),
  });
  await off.start();
  expect((await call(off, 'GET', MIGRATIONS)).status).toBe(404);
  await off.close();
  expect(said.filter(({ level }) => level === 'error')).toEqual([]);
}, 60_000);

afterAll(async () => {
  await plane.close();
  await storage.close();
});

interface Answer extends KubeObject {
  status: { conditions: Condition[]; storedVersions: string[] };
}

async function ask(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const { status, json } = await call(plane, method, path, {
    ...(body !== undefined && { body }),
    headers: headers ?? {},
  });
  expect([method, path, status < 300 ? '' : json]).toEqual([method, path, '']);
  return json as unknown as Answer;
}

async function migrate(name: string, group: string, resource: string): Promise<Answer> {
  await ask('POST', MIGRATIONS, { metadata: { name }, spec: { resource: { group, resource } } });
  await plane.idle();
  return ask('GET', `${MIGRATIONS}/${name}`);
}

const told = ({ status }: Answer, ...types: string[]): string[] =>
  status.conditions
    .filter(({ type }) => types.length === 0 || types.includes(type))
    .map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`);

const version = (name: string, isStored: boolean) => ({
  name,
  served: true,
  storage: isStored,
  schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
});

test("a custom resource's objects are rewritten in the new version, and the definition's status says so", async () => {
  await ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [version('v1', true), version('v2', false)],
    },
  });
  await plane.idle();
  for (const name of ['a', 'b', 'c']) {
    const { status } = await call(plane, 'POST', WIDGETS, {
      body: { apiVersion: 'example.com/v2', kind: 'Widget', metadata: { name }, spec: { x: name } },
    });
    expect(status).toBe(201);
  }
  const definition = await ask('GET', DEFINITION);
  await ask('PUT', DEFINITION, {
    ...definition,
    spec: {
      ...(definition as { spec?: object }).spec,
      versions: [version('v1', false), version('v2', true)],
    },
  });
  await plane.idle();
  expect((await ask('GET', DEFINITION)).status.storedVersions).toEqual(['v1', 'v2']);
  const before = await ask('GET', `${WIDGETS}/a`);

  expect(told(await migrate('to-v2', 'example.com', 'widgets'))).toEqual([
    'Running=False MigrationCompleted: Migration completed',
    'Succeeded=True StorageVersionMigrationSucceeded: Migration completed',
  ]);
  const after = await ask('GET', `${WIDGETS}/a`);
  expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
  expect({ ...after.metadata, resourceVersion: '' }).toEqual({ ...before.metadata, resourceVersion: '' });
  const marked = await ask('GET', DEFINITION);
  expect(marked.status.storedVersions).toEqual(['v2']);
  expect(told(marked, 'StorageMigrating')).toEqual([
    'StorageMigrating=False MigrationSucceeded: The migration has succeeded and the stored versions have been updated',
  ]);
  // The old version can be removed now.
  const current = await ask('GET', DEFINITION);
  await ask('PUT', DEFINITION, {
    ...current,
    spec: { ...(current as { spec?: object }).spec, versions: [version('v2', true)] },
  });
}, 60_000);

test('a repeated migration of a built-in resource rewrites only outdated objects', async () => {
  await ask('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' } });
  const before = await ask('GET', '/api/v1/namespaces/default/configmaps/m');
  for (const name of ['maps', 'maps-again']) {
    expect(told(await migrate(name, '', 'configmaps'), 'Succeeded')).toEqual([
      'Succeeded=True StorageVersionMigrationSucceeded: Migration completed',
    ]);
  }
  expect(await ask('GET', '/api/v1/namespaces/default/configmaps/m')).toEqual(before);
}, 60_000);

test('a migration with an unwritable object fails permanently', async () => {
  expect(told(await migrate('bindings', '', 'bindings'))).toEqual([
    'Running=False MigrationCompleted: Migration completed',
    'Failed=True StorageVersionMigrationFailed: resource "/v1, Resource=bindings" does not support discovery operations: [update patch list]',
  ]);
}, 60_000);

test('a resource that may still appear is waited for', async () => {
  const { status } = await migrate('early', 'example.com', 'gadgets');
  expect(status.conditions.map(({ type, status: value }) => `${type}=${value}`)).toEqual(['Running=True']);
  expect(plane.nextIn()).toBeLessThanOrEqual(5_000);
}, 60_000);

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Namespace } from '../../../../shared/apis/core/v1/types.ts';
import { causesOf, refusalOf, TestClient } from '../../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../../fixtures/api-server.ts';

let server: TestServer;
const client = new TestClient(() => server);

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

const NAMESPACES = '/api/v1/namespaces';
const LABEL = 'kubernetes.io/metadata.name';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const create = (metadata: object, spec: object = {}) =>
  client.create<Namespace>(NAMESPACES, { kind: 'Namespace', apiVersion: 'v1', metadata, spec });
const finalize = async (name: string, finalizers: string[]) => {
  const { object } = await client.get<Namespace>(`${NAMESPACES}/${name}`);
  return client.update<Namespace>(`${NAMESPACES}/${name}/finalize`, { ...object, spec: { finalizers } });
};

test('a new namespace is active, labelled with its name, and has a finalizer', async () => {
  const { object } = await create({ name: 'new', labels: { [LABEL]: 'other' } });
  expect(object).toMatchObject({
    metadata: { labels: { [LABEL]: 'new' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
});

test('a generated name is used for the label', async () => {
  const { metadata } = (await create({ generateName: 'made-' })).object;
  expect(metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  expect(metadata.labels).toEqual({ [LABEL]: metadata.name });
});

test('deletion marks a namespace, and removing its last finalizer deletes it', async () => {
  await create({ name: 'ends' }, { finalizers: ['example.com/mine'] });
  const marked = await client.delete<Namespace>(`${NAMESPACES}/ends`);
  expect(marked.status).toBe(200);
  expect(marked.object).toMatchObject({
    metadata: { name: 'ends', deletionTimestamp: TIME },
    spec: { finalizers: ['example.com/mine', 'kubernetes'] },
    status: { phase: 'Terminating' },
  });
  const { deletionTimestamp } = marked.object.metadata;
  const again = await client.delete<Namespace>(`${NAMESPACES}/ends`);
  expect(again.object.metadata.deletionTimestamp).toBe(deletionTimestamp);
  expect((await finalize('ends', ['kubernetes'])).object.spec).toEqual({ finalizers: ['kubernetes'] });
  expect((await client.get(`${NAMESPACES}/ends`)).status).toBe(200);
  expect(refusalOf(await finalize('ends', []))).toBe('200');
  expect((await client.get(`${NAMESPACES}/ends`)).status).toBe(404);
});

test('finalize changes the finalizers, and never the status', async () => {
  await create({ name: 'owned' });
  const body = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'owned' } };
  const spec = { finalizers: ['example.com/mine'] };
  await client.delete(`${NAMESPACES}/owned`);
  const path = `${NAMESPACES}/owned/finalize?fieldManager=ender`;
  const { object } = await client.update<Namespace>(path, { ...body, spec });
  const owned = object.metadata.managedFields?.filter(({ manager }) => manager === 'ender');
  expect(owned?.map(({ subresource, fieldsV1 }) => ({ subresource, fieldsV1 }))).toEqual([
    {
      subresource: 'finalize',
      fieldsV1: { 'f:spec': { 'f:finalizers': {} } },
    },
  ]);
});

test('metadata finalizers delay the deletion, too', async () => {
  await create({ name: 'waits', finalizers: ['example.com/mine'] });
  await client.delete(`${NAMESPACES}/waits`);
  await finalize('waits', []);
  expect((await client.get(`${NAMESPACES}/waits`)).status).toBe(200);
  await client.patch(`${NAMESPACES}/waits`, { metadata: { finalizers: null } });
  expect((await client.get(`${NAMESPACES}/waits`)).status).toBe(404);
});

test("spec finalizers can't be changed through the main resource", async () => {
  await create({ name: 'kept' });
  const answer = await client.patch<Namespace>(`${NAMESPACES}/kept`, {
    metadata: { labels: { a: 'b' } },
    spec: { finalizers: null },
    status: { phase: 'Terminating' },
  });
  expect(answer.object).toMatchObject({
    metadata: { labels: { a: 'b' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
});

test('the phase follows from the deletion', async () => {
  await create({ name: 'phased' });
  const answer = await client.patch(`${NAMESPACES}/phased/status`, { status: { phase: 'Terminating' } });
  expect(causesOf(answer)).toEqual([
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ]);
});

test('preconditions of deletion', async () => {
  const { metadata } = (await create({ name: 'bound' })).object;
  const remove = (preconditions: object) =>
    client.delete(`${NAMESPACES}/bound`, { kind: 'DeleteOptions', apiVersion: 'v1', preconditions });
  expect(refusalOf(await remove({ uid: 'x' }))).toBe(
    `409 Conflict: Operation cannot be fulfilled on namespaces "bound": Precondition failed: UID in precondition: x, UID in object meta: ${metadata.uid}`,
  );
  expect(refusalOf(await remove({ resourceVersion: '1' }))).toBe(
    `409 Conflict: Operation cannot be fulfilled on namespaces "bound": Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: ${metadata.resourceVersion}`,
  );
  expect((await remove({ uid: metadata.uid })).status).toBe(200);
});

test('a dry run of deletion', async () => {
  await create({ name: 'dry' });
  const answer = await client.delete<Namespace>(`${NAMESPACES}/dry?dryRun=All`);
  expect(answer.object.status.phase).toBe('Terminating');
  expect((await client.get<Namespace>(`${NAMESPACES}/dry`)).object.status.phase).toBe('Active');
});

test('orphaning dependents', async () => {
  await create({ name: 'orphans' });
  const options = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Orphan' };
  const { object } = await client.delete<Namespace>(`${NAMESPACES}/orphans`, options);
  expect(object.metadata.finalizers).toEqual(['orphan']);
});

test("namespaces can't be deleted as a collection", async () => {
  expect(refusalOf(await client.delete(NAMESPACES))).toBe(
    '405 MethodNotAllowed: the server does not allow this method on the requested resource',
  );
});

test('validation errors', async () => {
  expect(causesOf(await create({ name: 'With.Dots' }))).toEqual([
    `metadata.name: Invalid value: "With.Dots": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
  ]);
  expect(causesOf(await create({ name: 'finalized' }, { finalizers: ['mine'] }))).toEqual([
    'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ]);
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePKI } from '../../../../infra/local/keys/pki.ts';
import type {
  ComponentStatus,
  Endpoints,
  Event,
  LimitRange,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from '../../../../shared/apis/core/v1/types.ts';
import type { ListMeta } from '../../../../shared/meta/v1/types.ts';
import { causesOf, refusalOf, TestClient, warningsOf } from '../../../fixtures/api-client.ts';
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

const V1 = '/api/v1';
const NAMESPACE = `${V1}/namespaces/default`;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const of = (kind: string, name: string, fields: object = {}) => ({
  kind,
  apiVersion: 'v1',
  metadata: { name },
  ...fields,
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('replication controllers', () => {
  const PATH = `${NAMESPACE}/replicationcontrollers`;
  const template = {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'a', image: 'a:1' }] },
  };
  const create = (name: string) =>
    client.create<ReplicationController>(PATH, {
      ...of('ReplicationController', name),
      spec: { replicas: 2, template },
      status: { replicas: 7 },
    });

  test('generations follow the spec', async () => {
    const { object } = await create('rc');
    expect(object).toMatchObject({ metadata: { generation: 1 }, status: { replicas: 0 } });
    const status = await client.patch<ReplicationController>(`${PATH}/rc/status`, {
      spec: { replicas: 9 },
      status: { replicas: 2, observedGeneration: 1 },
    });
    expect(status.object).toMatchObject({
      metadata: { generation: 1 },
      spec: { replicas: 2 },
      status: { replicas: 2 },
    });
    const spec = await client.patch<ReplicationController>(`${PATH}/rc`, {
      spec: { replicas: 3 },
      status: null,
    });
    expect(spec.object).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3 },
      status: { replicas: 2 },
    });
  });

  test('scale', async () => {
    await create('scaled');
    expect((await client.get(`${PATH}/scaled/scale`)).object).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'scaled' },
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=a' },
    });
    await client.patch(`${PATH}/scaled/scale`, { spec: { replicas: 5 } });
    expect((await client.get<ReplicationController>(`${PATH}/scaled`)).object.spec!.replicas).toBe(5);
  });

  test('dependents are orphaned unless the client says otherwise', async () => {
    await create('orphans');
    await client.delete(`${PATH}/orphans`);
    expect((await client.get(`${PATH}/orphans`)).object.metadata.finalizers).toEqual(['orphan']);
  });

  test('names limited by those of pods', async () => {
    expect(warningsOf(await create('with.dot'))).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    ]);
  });
});

describe('volumes', () => {
  const VOLUMES = `${V1}/persistentvolumes`;
  const CLAIMS = `${NAMESPACE}/persistentvolumeclaims`;
  const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] };

  test('a volume keeps the time of its last phase', async () => {
    const created = await client.create<PersistentVolume>(VOLUMES, {
      ...of('PersistentVolume', 'pv'),
      spec: { ...spec, hostPath: { path: '/a' }, persistentVolumeReclaimPolicy: 'Recycle' },
      status: { phase: 'Bound' },
    });
    expect(created.object.status).toEqual({ phase: 'Pending', lastPhaseTransitionTime: TIME });
    expect(warningsOf(created)).toEqual([
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    ]);
    const old = '2020-01-01T00:00:00Z';
    const status = (fields: object) =>
      client.update<PersistentVolume>(`${VOLUMES}/pv/status`, {
        ...created.object,
        metadata: { name: 'pv' },
        status: fields,
      });
    expect(
      (await status({ phase: 'Pending', lastPhaseTransitionTime: old })).object.status
        .lastPhaseTransitionTime,
    ).toBe(old);
    expect((await status({ phase: 'Pending' })).object.status.lastPhaseTransitionTime).toBe(old);
    const bound = (await status({ phase: 'Bound', lastPhaseTransitionTime: old })).object.status;
    expect(bound).toEqual({ phase: 'Bound', lastPhaseTransitionTime: TIME });
    expect(bound.lastPhaseTransitionTime).not.toBe(old);
  });

  test('a claim has both forms of its data source', async () => {
    const source = { kind: 'PersistentVolumeClaim', name: 'other' };
    const create = (name: string, fields: object) =>
      client.create<PersistentVolumeClaim>(CLAIMS, {
        ...of('PersistentVolumeClaim', name),
        spec: { accessModes: spec.accessModes, resources: { requests: { storage: '1Gi' } }, ...fields },
      });
    expect((await create('old', { dataSource: source })).object).toMatchObject({
      spec: { dataSource: source, dataSourceRef: source },
      status: { phase: 'Pending' },
    });
    expect((await create('new', { dataSourceRef: source })).object.spec.dataSource).toEqual({
      apiGroup: null,
      ...source,
    });
    const nonsense = await create('nonsense', { dataSource: { ...source, kind: 'Elsewhere' } });
    expect(nonsense.object.spec).not.toHaveProperty('dataSource');
  });
});

describe('secrets and config maps', () => {
  const SECRETS = `${NAMESPACE}/secrets`;

  test('stringData becomes data', async () => {
    const { object } = await client.create<Secret>(SECRETS, of('Secret', 'text', { stringData: { a: 'b' } }));
    expect(object).toMatchObject({ type: 'Opaque', data: { a: base64('b') } });
    expect(object).not.toHaveProperty('stringData');
  });

  test('the type is immutable', async () => {
    const type = 'kubernetes.io/basic-auth';
    await client.create(SECRETS, of('Secret', 'typed', { type, stringData: { username: 'a' } }));
    const without = of('Secret', 'typed', { stringData: { username: 'b' }, type: '' });
    expect(causesOf(await client.update(`${SECRETS}/typed`, { ...without, type: 'Opaque' }))).toEqual([
      'type: Invalid value: "Opaque": field is immutable',
    ]);
  });

  test('certificates and keys that do not match', async () => {
    const { ca, server: own } = await ensurePKI(mkdtempSync(join(tmpdir(), 'zeroplane-pki-')));
    const create = async (name: string, stringData: object) =>
      warningsOf(await client.create(SECRETS, of('Secret', name, { type: 'kubernetes.io/tls', stringData })));
    expect(await create('tls', { 'tls.crt': own.certificate, 'tls.key': own.key })).toEqual([]);
    expect(await create('tls-2', { 'tls.crt': own.certificate, 'tls.key': ca.key })).toEqual([
      'tls: private key does not match public key',
    ]);
    expect(await create('tls-3', { 'tls.crt': own.key, 'tls.key': own.certificate })).toEqual([
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ]);
    expect(await create('tls-4', { 'tls.crt': 'a', 'tls.key': 'b' })).toEqual([
      'tls: failed to find any PEM data in certificate input',
    ]);
  });

  test('immutable objects', async () => {
    const path = `${NAMESPACE}/configmaps`;
    await client.create(path, of('ConfigMap', 'fixed', { immutable: true, data: { a: 'b' } }));
    expect(causesOf(await client.patch(`${path}/fixed`, { data: { a: 'c' } }))).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });
});

test('service accounts reference secrets by name only', async () => {
  const secrets = [{ name: 'a', namespace: 'b', uid: 'c' }];
  const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' };
  const path = `${NAMESPACE}/serviceaccounts`;
  const answer = await client.create<ServiceAccount>(path, {
    ...of('ServiceAccount', 'robot', { secrets }),
    metadata: { name: 'robot', annotations },
  });
  expect(answer.object.secrets).toEqual([{ name: 'a' }]);
  expect(warningsOf(answer)).toEqual([
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  ]);
  expect(warningsOf(await client.patch(`${path}/robot`, { metadata: { labels: { a: 'b' } } }))).toEqual([]);
});

test('nodes register with their status, which is then updated separately', async () => {
  const status = { capacity: { cpu: '4' } };
  const created = await client.create<Node>(`${V1}/nodes`, {
    ...of('Node', 'n1', { status }),
    spec: { podCIDR: '10.0.0.0/24', externalID: 'x' },
  });
  expect(created.object).toMatchObject({
    spec: { podCIDRs: ['10.0.0.0/24'] },
    status: { capacity: { cpu: '4' }, allocatable: { cpu: '4' } },
  });
  expect(warningsOf(created)).toEqual([
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
  ]);
  const spec = await client.patch<Node>(`${V1}/nodes/n1`, {
    spec: { unschedulable: true },
    status: { capacity: null },
  });
  expect(spec.object).toMatchObject({ spec: { unschedulable: true }, status });
  const after = await client.patch<Node>(`${V1}/nodes/n1/status`, {
    spec: { unschedulable: false },
    status: { phase: 'Running' },
  });
  expect(after.object).toMatchObject({ spec: { unschedulable: true }, status: { phase: 'Running' } });
  const selected = await client.get<{ items: Node[] }>(`${V1}/nodes?fieldSelector=spec.unschedulable%3Dtrue`);
  expect(selected.object.items.map(({ metadata }) => metadata.name)).toEqual(['n1']);
});

test('quotas: status is updated separately', async () => {
  const path = `${NAMESPACE}/resourcequotas`;
  const { object } = await client.create<ResourceQuota>(path, {
    ...of('ResourceQuota', 'quota', { spec: { hard: { pods: '2' } }, status: { used: { pods: '1' } } }),
  });
  expect(object.status).toEqual({});
  const answer = await client.patch<ResourceQuota>(`${path}/quota/status`, {
    spec: { hard: { pods: '9' } },
    status: { hard: { pods: '2' }, used: { pods: '1' } },
  });
  expect(answer.object).toMatchObject({ spec: { hard: { pods: '2' } }, status: { used: { pods: '1' } } });
});

test('limit ranges may go without a name', async () => {
  const spec = { limits: [{ type: 'Container', max: { cpu: '1' } }] };
  const { object } = await client.create<LimitRange>(`${NAMESPACE}/limitranges`, {
    kind: 'LimitRange',
    apiVersion: 'v1',
    spec,
  });
  expect(object.metadata.name).toMatch(/^[0-9a-f-]{36}$/);
});

test('pod templates increase their generation', async () => {
  const path = `${NAMESPACE}/podtemplates`;
  const spec = {
    containers: [{ name: 'a', image: 'a:1' }],
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
  };
  const created = await client.create<PodTemplate>(path, of('PodTemplate', 'pt', { template: { spec } }));
  expect(created.object.metadata.generation).toBe(1);
  expect(warningsOf(created)).toEqual([
    'template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
  const changed = await client.patch<PodTemplate>(`${path}/pt`, { template: { spec: { hostname: 'a' } } });
  expect(changed.object.metadata.generation).toBe(2);
});

test('endpoints are stored as sent, including duplicate addresses', async () => {
  const ports = [{ name: 'a', port: 80, protocol: 'TCP' }];
  const subsets = [
    { addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }, { ip: '10.0.0.1' }], ports },
    { notReadyAddresses: [{ ip: '10.0.0.1' }], ports },
  ];
  const answer = await client.update<Endpoints>(`${NAMESPACE}/endpoints/kept`, {
    ...of('Endpoints', 'kept'),
    subsets,
  });
  expect([answer.status, answer.object.subsets]).toEqual([201, subsets]);
});

describe('events', () => {
  const CORE = `${NAMESPACE}/events`;
  const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  const event = {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: 'strict' },
    eventTime: '2026-01-02T03:04:05.000006Z',
    regarding: involvedObject,
    reason: 'Tested',
    action: 'Test',
    type: 'Normal',
    note: 'hello',
    reportingController: 'example.com/test',
    reportingInstance: 'test-1',
  };

  test('the same events in both groups', async () => {
    await client.create(
      CORE,
      of('Event', 'old', { involvedObject, message: 'hello', source: { component: 'kubelet' } }),
    );
    expect((await client.get(`${EVENTS}/old`)).object).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: involvedObject,
      note: 'hello',
      deprecatedSource: { component: 'kubelet' },
    });
    expect((await client.create(EVENTS, event)).status).toBe(201);
    expect((await client.get<Event>(`${CORE}/strict`)).object).toMatchObject({
      involvedObject,
      message: 'hello',
      reportingComponent: 'example.com/test',
    });
  });

  test('the newer group is stricter', async () => {
    const { reason: _, ...without } = event;
    const answer = await client.create(EVENTS, { ...without, metadata: { name: 'bad' }, type: 'Odd' });
    expect(causesOf(answer)).toEqual([
      'reason: Required value',
      'type: Invalid value: "": has invalid value: Odd',
    ]);
    expect(causesOf(await client.patch(`${EVENTS}/strict`, { note: 'bye' }))).toEqual([
      'message: Invalid value: "bye": field is immutable',
    ]);
    expect((await client.patch(`${CORE}/strict`, { message: 'bye' })).status).toBe(200);
    const named = { ...event, metadata: { name: 'named', finalizers: ['odd'], ownerReferences: [{}] } };
    expect(causesOf(await client.create(EVENTS, named)).at(-1)).toMatch(
      /^metadata\.finalizers\[0\]: Invalid/,
    );
  });

  test('a conflict of a generated name is reported with the group of the kind', async () => {
    const taken = { ...event, metadata: { name: 'strict', generateName: 's-' } };
    expect(refusalOf(await client.create(EVENTS, taken))).toBe(
      '409 AlreadyExists: events "strict" already exists, the server was not able to generate a unique name for the object',
    );
  });

  test.each([
    [`${CORE}?fieldSelector=source%3Dkubelet`, ['old']],
    [`${CORE}?fieldSelector=source%3Dexample.com/test`, ['strict']],
    [`${CORE}?fieldSelector=involvedObject.name%3Dp,reason%3DTested`, ['strict']],
    [`${EVENTS}?fieldSelector=regarding.name%3Dp,reportingController%3Dexample.com/test`, ['strict']],
  ])('%s', async (path, names) => {
    const { object } = await client.get<{ metadata: ListMeta; items: Event[] }>(path);
    expect(object.items.map(({ metadata }) => metadata.name)).toEqual(names);
  });
});

test('events expire after the configured time', async () => {
  const own = await startTestServer({ eventTTLSeconds: 1 });
  const short = new TestClient(() => own);
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  await short.create(`${NAMESPACE}/events`, of('Event', 'short', { involvedObject }));
  expect((await short.get(`${NAMESPACE}/events/short`)).status).toBe(200);
  await expect
    .poll(async () => (await short.get(`${NAMESPACE}/events/short`)).status, { timeout: 5000 })
    .toBe(404);
  await own.close();
});

test('component statuses are queried', async () => {
  const path = `${V1}/componentstatuses`;
  const { object } = await client.get<{ items: ComponentStatus[] }>(path);
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }];
  expect(object.items).toEqual([{ metadata: { name: 'etcd-0' }, conditions }]);
  expect((await client.get<ComponentStatus>(`${path}/etcd-0`)).object.conditions).toEqual(conditions);
  expect(refusalOf(await client.get(`${path}/etcd-9`))).toBe(
    '404 NotFound: componentstatuses "etcd-9" not found',
  );
});

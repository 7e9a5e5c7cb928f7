import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from '../../../../shared/apis/core/v1/types.ts';
import { causesOf, refusalOf, TestClient, warningsOf } from '../../../fixtures/api-client.ts';
import { startTestServer, type TestServer } from '../../../fixtures/api-server.ts';

let server: TestServer;
const client = new TestClient(() => server);

beforeAll(async () => {
  server = await startTestServer({ disableAdmissionPlugins: ['ServiceAccount'] });
});
afterAll(async () => {
  expect(server.errors).toEqual([expect.stringContaining('more than one PodDisruptionBudget')]);
  await server.close();
});

const PODS = '/api/v1/namespaces/default/pods';
const CONTAINERS = [{ name: 'main', image: 'nginx:1' }];
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const manifest = (name: string, spec: object = {}, metadata: object = {}) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, ...metadata },
  spec: { containers: CONTAINERS, ...spec },
});
const create = (name: string, spec: object = {}, metadata: object = {}) =>
  client.create<Pod>(PODS, manifest(name, spec, metadata));
const get = async (name: string): Promise<Pod> => (await client.get<Pod>(`${PODS}/${name}`)).object;
const setStatus = (name: string, status: object) => client.patch<Pod>(`${PODS}/${name}/status`, { status });
const binding = (name: string, metadata: object = {}, target: object = { kind: 'Node', name: 'n1' }) => ({
  kind: 'Binding',
  apiVersion: 'v1',
  metadata: { name, ...metadata },
  target,
});
const bind = (name: string, ...more: [metadata?: object, target?: object]) =>
  client.create(`${PODS}/${name}/binding`, binding(name, ...more));
const evict = (name: string, deleteOptions?: object, query = '') =>
  client.create(`${PODS}/${name}/eviction${query}`, {
    kind: 'Eviction',
    apiVersion: 'policy/v1',
    metadata: { name },
    deleteOptions,
  });

describe('creation', () => {
  test('a new pod is pending, whatever its status says', async () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' } };
    const body = {
      ...manifest('new', { containers: [{ ...CONTAINERS[0], resources }] }),
      status: { phase: 'Running' },
    };
    const { object } = await client.create<Pod>(PODS, body);
    expect(object.metadata.generation).toBe(1);
    expect(object.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
  });

  test('gated pods have the reason in their status', async () => {
    const { object } = await create('gated', { schedulingGates: [{ name: 'example.com/gate' }] });
    expect(object.status.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
        lastProbeTime: null,
        lastTransitionTime: TIME,
      },
    ]);
  });

  test('label keys become requirements', async () => {
    const labelSelector = { matchLabels: { app: 'a' } };
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: 'zone',
            labelSelector,
            matchLabelKeys: ['hash'],
            mismatchLabelKeys: ['tenant', 'none'],
          },
        ],
      },
    };
    const spread = {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector,
      matchLabelKeys: ['hash'],
    };
    const labels = { hash: 'x', tenant: 'y' };
    const { object } = await create('keys', { affinity, topologySpreadConstraints: [spread] }, { labels });
    const [term] = object.spec.affinity!.podAntiAffinity!.requiredDuringSchedulingIgnoredDuringExecution!;
    const hash = { key: 'hash', operator: 'In', values: ['x'] };
    expect(term!.labelSelector).toEqual({
      matchLabels: { app: 'a' },
      matchExpressions: [hash, { key: 'tenant', operator: 'NotIn', values: ['y'] }],
    });
    expect(object.spec.topologySpreadConstraints![0]!.labelSelector!.matchExpressions).toEqual([hash]);
  });

  test('AppArmor annotations become fields', async () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/main';
    const answer = await create('armed', {}, { annotations: { [key]: 'localhost/strict' } });
    expect(answer.object.spec.containers![0]!.securityContext).toEqual({
      appArmorProfile: { type: 'Localhost', localhostProfile: 'strict' },
    });
    expect(warningsOf(answer)).toEqual([
      `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ]);
  });

  test('names that are not hostnames', async () => {
    expect(warningsOf(await create('with.dot'))).toEqual([
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ]);
  });

  test('validation errors', async () => {
    const answer = await create('bad', { containers: [{ name: 'A' }], restartPolicy: 'Sometimes' });
    expect(refusalOf(answer)).toMatch(/^422 Invalid: Pod "bad" is invalid: \[spec\.containers\[0\]\.name: /);
    expect(causesOf(answer).map((cause) => cause.split(':')[0])).toEqual([
      'spec.containers[0].name',
      'spec.containers[0].image',
      'spec.restartPolicy',
    ]);
  });
});

describe('updates', () => {
  test('the image, and generations', async () => {
    await create('images');
    const same = await client.patch<Pod>(`${PODS}/images`, { metadata: { labels: { a: 'b' } } });
    expect(same.object.metadata.generation).toBe(1);
    const other = await client.patch<Pod>(`${PODS}/images`, {
      spec: { containers: [{ ...CONTAINERS[0], image: 'nginx:2' }] },
    });
    expect(other.object.metadata.generation).toBe(2);
    expect(other.object.spec.containers![0]!.image).toBe('nginx:2');
  });

  test('no other fields', async () => {
    await create('rigid');
    const answer = await client.patch(`${PODS}/rigid`, { spec: { nodeSelector: { a: 'b' } } });
    expect(refusalOf(answer)).toMatch(
      /^422 Invalid: Pod "rigid" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`/,
    );
  });

  test('the status, through its subresource only', async () => {
    await create('status');
    const both = { spec: { nodeName: 'n9' }, status: { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] } };
    const { object } = await client.patch<Pod>(`${PODS}/status/status`, both);
    expect(object.spec).not.toHaveProperty('nodeName');
    expect(object.status).toEqual({
      phase: 'Running',
      qosClass: 'BestEffort',
      podIP: '10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }],
    });
    const main = await client.patch<Pod>(`${PODS}/status`, { status: { phase: 'Failed' } });
    expect(main.object.status.phase).toBe('Running');
  });

  test('observed generations are kept for clients without the field', async () => {
    await create('observed');
    const ready = { type: 'Ready', status: 'True' };
    await setStatus('observed', { observedGeneration: 3, conditions: [{ ...ready, observedGeneration: 3 }] });
    const { object } = await client.get<Pod>(`${PODS}/observed`);
    const answer = await client.update<Pod>(`${PODS}/observed/status`, {
      ...object,
      status: { conditions: [ready] },
    });
    expect(answer.object.status).toMatchObject({
      observedGeneration: 3,
      conditions: [{ type: 'Ready', observedGeneration: 3 }],
    });
  });

  test('ephemeral containers are added, without other changes', async () => {
    await create('debugged');
    const pod = await get('debugged');
    const debug = { name: 'debug', image: 'busybox:1', terminationMessagePolicy: 'File' };
    const answer = await client.update<Pod>(`${PODS}/debugged/ephemeralcontainers`, {
      ...pod,
      metadata: { ...pod.metadata, labels: { not: 'kept' } },
      spec: { ...pod.spec, hostname: 'not-kept', ephemeralContainers: [debug] },
    });
    expect(answer.object.metadata).not.toHaveProperty('labels');
    expect(answer.object.metadata.generation).toBe(2);
    expect(answer.object.spec).toEqual({
      ...pod.spec,
      ephemeralContainers: [expect.objectContaining({ name: 'debug', imagePullPolicy: 'IfNotPresent' })],
    });
    const removed = await client.patch(`${PODS}/debugged/ephemeralcontainers`, {
      spec: { ephemeralContainers: null },
    });
    expect(causesOf(removed)).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    ]);
  });

  test('resources are resized, without other changes', async () => {
    const limits = { cpu: '1', memory: '1Gi' };
    await create('resized', {
      containers: [{ ...CONTAINERS[0], resources: { limits, requests: { cpu: '500m' } } }],
    });
    const resized = [
      {
        name: 'main',
        image: 'other',
        resources: { limits: { ...limits, cpu: '2' }, requests: { cpu: '1', memory: '1Gi' } },
      },
    ];
    const answer = await client.patch<Pod>(`${PODS}/resized/resize`, { spec: { containers: resized } });
    expect(refusalOf(answer)).toBe('200');
    expect(answer.object.spec.containers![0]).toMatchObject({
      image: 'nginx:1',
      resources: { limits: { cpu: '2' }, requests: { cpu: '1' } },
    });
    const named = await client.patch(`${PODS}/resized/resize`, {
      spec: { containers: [{ ...resized[0], name: 'b' }] },
    });
    expect(causesOf(named)[0]).toMatch(
      /^spec\.containers\[0\]\.name: Forbidden: containers may not be renamed/,
    );
  });
});

describe('bindings', () => {
  test('a pod is bound once', async () => {
    await create('bound');
    const answer = await bind('bound', { annotations: { why: 'because' }, labels: { zone: 'a' } });
    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 201,
      json: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    });
    const { metadata, spec, status } = await get('bound');
    expect(spec.nodeName).toBe('n1');
    expect(metadata).toMatchObject({ annotations: { why: 'because' }, labels: { zone: 'a' } });
    expect(status.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: TIME },
    ]);
    expect(refusalOf(await bind('bound'))).toBe(
      '409 Conflict: Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n1"',
    );
  });

  test('legacy bindings', async () => {
    await create('legacy');
    const answer = await client.create('/api/v1/namespaces/default/bindings', binding('legacy'));
    expect(answer.status).toBe(201);
    expect((await get('legacy')).spec.nodeName).toBe('n1');
  });

  test('rejections', async () => {
    await create('unbound');
    const { uid } = (await get('unbound')).metadata;
    expect(refusalOf(await bind('unbound', { uid: 'other' }))).toMatch(
      /^409 Conflict: Operation cannot be fulfilled on pods "unbound": .*Precondition failed: UID in precondition: other, UID in object meta: /,
    );
    expect(refusalOf(await bind('unbound', {}, { kind: 'Pod' }))).toBe(
      '500 undefined: [target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    );
    expect(refusalOf(await bind('absent'))).toBe('404 NotFound: pods "absent" not found');
    expect(refusalOf(await bind('gated'))).toBe(
      '409 Conflict: Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates',
    );
    const other = await client.create(`${PODS}/unbound/binding`, binding('bound'));
    expect(refusalOf(other)).toBe('400 BadRequest: name in URL does not match name in Binding object');
    const nameless = { ...binding('bound'), metadata: {} };
    expect(refusalOf(await client.create('/api/v1/namespaces/default/bindings', nameless))).toBe(
      '400 BadRequest: Name parameter required.',
    );
    expect((await bind('unbound', { uid })).status).toBe(201);
  });
});

describe('deletion', () => {
  test('a pod without a node is deleted immediately', async () => {
    await create('homeless');
    const answer = await client.delete<Pod>(`${PODS}/homeless`);
    expect(answer.object).toMatchObject({
      kind: 'Pod',
      metadata: { name: 'homeless', deletionGracePeriodSeconds: 0 },
    });
    expect((await client.get(`${PODS}/homeless`)).status).toBe(404);
  });

  test('a pod on a node has a grace period, which can be shortened', async () => {
    await create('ending', { terminationGracePeriodSeconds: 60 });
    await bind('ending');
    const { object } = await client.delete<Pod>(`${PODS}/ending`);
    expect(object.metadata).toMatchObject({
      deletionGracePeriodSeconds: 60,
      deletionTimestamp: TIME,
      generation: 2,
    });
    expect(refusalOf(await bind('ending'))).toMatch(
      /pod ending is being deleted, cannot be assigned to a host$/,
    );
    const sooner = await client.delete<Pod>(`${PODS}/ending`, { gracePeriodSeconds: 5 });
    expect(sooner.object.metadata.deletionGracePeriodSeconds).toBe(5);
    const later = await client.delete<Pod>(`${PODS}/ending`, { gracePeriodSeconds: 50 });
    expect(later.object.metadata.deletionGracePeriodSeconds).toBe(5);
    await client.delete(`${PODS}/ending`, { gracePeriodSeconds: 0 });
    expect((await client.get(`${PODS}/ending`)).status).toBe(404);
  });

  test('a terminated pod is deleted immediately', async () => {
    await create('ended', { nodeName: 'n1' });
    await setStatus('ended', { phase: 'Succeeded' });
    await client.delete(`${PODS}/ended`);
    expect((await client.get(`${PODS}/ended`)).status).toBe(404);
  });
});

describe('evictions', () => {
  const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  const running = async (name: string, ready: boolean, labels: object) => {
    await create(name, { nodeName: 'n1' }, { labels });
    await setStatus(name, {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    });
  };
  const budget = async (name: string, labels: object, status: object, spec: object = {}) => {
    await client.create(BUDGETS, {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name },
      spec: { minAvailable: 1, selector: { matchLabels: labels }, ...spec },
    });
    const whole = {
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 1,
      observedGeneration: 1,
    };
    const answer = await client.patch(`${BUDGETS}/${name}/status`, { status: { ...whole, ...status } });
    expect(refusalOf(answer)).toBe('200');
  };
  const refused = (answer: Awaited<ReturnType<typeof evict>>) => ({
    refusal: refusalOf(answer),
    causes: (answer.json as { details?: { causes?: unknown } }).details?.causes,
  });
  const VIOLATION = "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget.";

  test('a pod without a budget', async () => {
    await running('free', true, { app: 'free' });
    expect(refusalOf(await evict('free'))).toBe('201');
    expect((await get('free')).status.conditions).toContainEqual({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastProbeTime: null,
      lastTransitionTime: TIME,
    });
    expect((await get('free')).metadata.deletionGracePeriodSeconds).toBe(30);
  });

  test('a budget that allows one disruption', async () => {
    const labels = { app: 'two' };
    for (const name of ['two-a', 'two-b']) await running(name, true, labels);
    await budget('two', labels, { disruptionsAllowed: 1 });
    expect(refusalOf(await evict('two-a', undefined, '?dryRun=All'))).toBe('201');
    expect((await get('two-a')).metadata.deletionTimestamp).toBeUndefined();
    expect(refusalOf(await evict('two-a'))).toBe('201');
    expect((await client.get(`${BUDGETS}/two`)).object).toMatchObject({
      status: {
        disruptionsAllowed: 0,
        disruptedPods: { 'two-a': TIME },
        conditions: [
          { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 },
        ],
      },
    });
    expect(refused(await evict('two-b'))).toEqual({
      refusal: VIOLATION,
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget two needs 1 healthy pods and has 1 currently',
        },
      ],
    });
    expect((await get('two-b')).metadata.deletionTimestamp).toBeUndefined();
  });

  test('one of two concurrent evictions', async () => {
    const labels = { app: 'race' };
    for (const name of ['race-a', 'race-b']) await running(name, true, labels);
    await budget('race', labels, { disruptionsAllowed: 1 });
    const answers = await Promise.all(['race-a', 'race-b'].map((name) => evict(name)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 429]);
  });

  test('a budget not yet observed by its controller', async () => {
    await running('unseen', true, { app: 'unseen' });
    await budget('unseen', { app: 'unseen' }, { disruptionsAllowed: 1, observedGeneration: 0 });
    const answer = await evict('unseen');
    expect(refused(answer)).toEqual({
      refusal: VIOLATION,
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget unseen is still being processed by the server.',
        },
      ],
    });
    expect(answer.headers['retry-after']).toBe('10');
  });

  test('unready pods are evicted while enough others are ready', async () => {
    const labels = { app: 'sick' };
    for (const name of ['sick-a', 'sick-b']) await running(name, false, labels);
    await budget('sick', labels, { currentHealthy: 0 });
    expect((await evict('sick-a')).status).toBe(429);
    await client.patch(`${BUDGETS}/sick/status`, { status: { currentHealthy: 1 } });
    expect((await evict('sick-a')).status).toBe(201);
    await client.patch(`${BUDGETS}/sick/status`, { status: { currentHealthy: 0 } });
    expect((await evict('sick-b')).status).toBe(429);
    await client.patch(`${BUDGETS}/sick`, { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } });
    expect((await evict('sick-b')).status).toBe(201);
  });

  test('pods that are not running need no budget', async () => {
    const labels = { app: 'waiting' };
    await create('waiting', { nodeName: 'n1' }, { labels });
    await budget('waiting', labels, {});
    expect((await evict('waiting')).status).toBe(201);
  });

  test('more than one budget', async () => {
    const labels = { app: 'torn' };
    await running('torn', true, labels);
    await budget('torn-a', labels, {});
    await budget('torn-b', labels, {});
    const { status, json } = await evict('torn');
    expect({ status, json }).toMatchObject({
      status: 500,
      json: {
        message:
          'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      },
    });
  });

  test('preconditions and names', async () => {
    await create('named', { nodeName: 'n1' });
    expect(refusalOf(await evict('named', { preconditions: { uid: 'x' } }))).toMatch(
      /^409 Conflict: Operation cannot be fulfilled on Pod "named": the UID in the precondition \(x\) does not match the UID in record/,
    );
    const other = { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'other' } };
    expect(refusalOf(await client.create(`${PODS}/named/eviction`, other))).toBe(
      '400 BadRequest: name in URL does not match name in Eviction object',
    );
    expect(refusalOf(await evict('absent'))).toBe('404 NotFound: pods "absent" not found');
  });
});

test('init containers in annotations are dropped', async () => {
  const name = 'pod.beta.kubernetes.io/init-containers';
  await create('annotated', {}, { annotations: { [name]: '[]', keep: 'me' } });
  await create('old', {}, { annotations: { [name]: '[]' } });
  expect((await get('annotated')).metadata.annotations).toEqual({ keep: 'me' });
  const { annotations, managedFields } = (await get('old')).metadata;
  expect(annotations).toBeUndefined();
  expect(JSON.stringify(managedFields)).toContain(name);
});

describe('operations that require a node', () => {
  const WHY = 'is not supported: the API server has no connection to nodes and pods';
  const node = (name: string, labels: object = {}) => ({
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name, labels },
  });

  test.each([
    ['absent/log', '404 NotFound: pods "absent" not found'],
    ['one/log', '204'],
    ['one/log?container=b', '400 BadRequest: container b is not valid for pod one'],
    [
      'one/log?tailLines=-1',
      '422 Invalid: PodLogOptions "one" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['one/exec?command=ls', '400 BadRequest: pod one does not have a host assigned'],
    ['two/log', '400 BadRequest: a container name must be specified for pod two, choose one of: [a b]'],
    ['two/log?container=a', '404 NotFound: pods "n1" not found'],
    ['three/log', `405 MethodNotAllowed: pods/log ${WHY}`],
    ['three/exec', `405 MethodNotAllowed: pods/exec ${WHY}`],
    ['three/attach', `405 MethodNotAllowed: pods/attach ${WHY}`],
    ['three/portforward', `405 MethodNotAllowed: pods/portforward ${WHY}`],
    ['three:80/proxy/path', `405 MethodNotAllowed: pods/proxy ${WHY}`],
    ['two:80/proxy/path', '400 BadRequest: address not allowed'],
    ['four/log', '500 undefined: no preferred addresses found; known addresses: []'],
    ['ftp:two:80/proxy', '400 BadRequest: invalid pod request "ftp:two:80"'],
  ])('%s', async (path, refusal) => {
    await create('one');
    await create('two', { nodeName: 'n1', containers: ['a', 'b'].map((name) => ({ name, image: 'x:1' })) });
    await client.create('/api/v1/nodes', node('named', { 'kubernetes.io/hostname': 'named' }));
    await client.create('/api/v1/nodes', node('nameless'));
    await create('three', { nodeName: 'named' });
    await setStatus('three', { podIPs: [{ ip: '10.9.8.7' }] });
    await create('four', { nodeName: 'nameless' });
    expect(refusalOf(await client.get(`${PODS}/${path}`))).toBe(refusal);
  });
});

import { describe, expect, test } from 'vitest';
import type { UnstructuredObject } from '../../../../shared/meta/kube-object.ts';
import { cellAt } from '../../../../shared/rest/table/cell.ts';
import { columnsOf, printedKinds } from '../../../../shared/rest/table/columns.ts';
import { humanDuration } from '../../../../shared/rest/table/human-duration.ts';
import { builtinTableConvertor } from '../../../../shared/rest/table.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const CREATED = '2026-01-01T23:00:00Z';

function row(kind: string, group: string, object: Record<string, unknown>): Record<string, unknown> {
  const columns = columnsOf({ group, kind });
  const full = {
    ...object,
    metadata: { name: 'x', creationTimestamp: CREATED, ...(object['metadata'] as object) },
  };
  const cells = columns.cells(full as unknown as UnstructuredObject).map((cell) => cellAt(cell, NOW));
  return Object.fromEntries(columns.definitions.map(({ name }, i) => [name, cells[i]]));
}

test('every kind of the table compiles', () => {
  for (const key of printedKinds()) {
    const [kind, ...group] = key.split('.');
    expect(columnsOf({ kind: kind!, group: group.join('.') }).definitions.length, key).toBeGreaterThan(0);
  }
  expect(printedKinds().length).toBeGreaterThan(60);
});

describe('human durations', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  test.each([
    [-2 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 59 * second, '9m59s'],
    [10 * minute, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [7 * hour + minute, '7h1m'],
    [47 * hour, '47h'],
    [2 * day + hour, '2d1h'],
    [8 * day, '8d'],
    [729 * day, '729d'],
    [730 * day, '2y'],
    [800 * day, '2y70d'],
    [8 * 365 * day + 3 * day, '8y'],
  ])('%i ms is %s', (milliseconds, expected) => {
    expect(humanDuration(milliseconds)).toBe(expected);
  });
});

const running = { running: { startedAt: CREATED } };
const container = (name: string, state: object, more: object = {}) => ({
  name,
  state,
  ready: 'running' in state,
  restartCount: 0,
  ...more,
});
const spec = { containers: [{ name: 'a' }, { name: 'b' }] };
const lastRestart = { terminated: { exitCode: 1, finishedAt: '2026-01-01T23:58:30Z' } };

describe('pods', () => {
  test.each<[string, object, object]>([
    ['pending', { spec, status: { phase: 'Pending' } }, { Ready: '0/2', Status: 'Pending', Restarts: '0' }],
    [
      'running',
      {
        spec,
        status: { phase: 'Running', containerStatuses: [container('a', running), container('b', running)] },
      },
      { Ready: '2/2', Status: 'Running', Restarts: '0' },
    ],
    [
      'crashing, restarted a minute and a half ago',
      {
        spec,
        status: {
          phase: 'Running',
          containerStatuses: [
            container(
              'a',
              { waiting: { reason: 'CrashLoopBackOff' } },
              { restartCount: 4, lastState: lastRestart },
            ),
            container('b', running),
          ],
        },
      },
      { Ready: '1/2', Status: 'CrashLoopBackOff', Restarts: '4 (90s ago)' },
    ],
    [
      'killed by a signal',
      {
        spec,
        status: {
          phase: 'Failed',
          containerStatuses: [container('a', { terminated: { exitCode: 137, signal: 9 } })],
        },
      },
      { Ready: '0/2', Status: 'Signal:9', Restarts: '0' },
    ],
    [
      'one container completed, one running, not ready',
      {
        spec,
        status: {
          phase: 'Running',
          containerStatuses: [
            container('a', { terminated: { exitCode: 0, reason: 'Completed' } }),
            container('b', running),
          ],
        },
      },
      { Ready: '1/2', Status: 'NotReady', Restarts: '0' },
    ],
    [
      'a running init container',
      {
        spec: { ...spec, initContainers: [{ name: 'i' }, { name: 'j' }] },
        status: { phase: 'Pending', initContainerStatuses: [container('i', running, { restartCount: 2 })] },
      },
      { Ready: '0/2', Status: 'Init:0/2', Restarts: '2' },
    ],
    [
      'a sidecar beside containers',
      {
        spec: { ...spec, initContainers: [{ name: 'i', restartPolicy: 'Always' }] },
        status: {
          phase: 'Running',
          initContainerStatuses: [container('i', running, { started: true, restartCount: 1 })],
          containerStatuses: [container('a', running), container('b', running)],
        },
      },
      { Ready: '3/3', Status: 'Running', Restarts: '1' },
    ],
    [
      'deletion in progress',
      { metadata: { deletionTimestamp: CREATED }, spec, status: { phase: 'Running' } },
      { Ready: '0/2', Status: 'Terminating', Restarts: '0' },
    ],
    [
      'gated',
      {
        spec,
        status: {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        },
      },
      { Ready: '0/2', Status: 'SchedulingGated', Restarts: '0' },
    ],
  ])('%s', (_, pod, expected) => {
    expect(row('Pod', '', pod as Record<string, unknown>)).toMatchObject({
      Name: 'x',
      Age: '60m',
      ...expected,
    });
  });
});

describe('other kinds', () => {
  test.each<[string, string, string, object, object]>([
    [
      'a cluster IP service',
      'Service',
      '',
      {
        spec: {
          type: 'ClusterIP',
          clusterIPs: ['10.0.0.9'],
          ports: [{ port: 80, protocol: 'TCP' }],
          selector: { b: '2', a: '1' },
        },
      },
      {
        Type: 'ClusterIP',
        'Cluster-IP': '10.0.0.9',
        'External-IP': '<none>',
        'Port(s)': '80/TCP',
        Selector: 'a=1,b=2',
      },
    ],
    [
      'a pending load balancer',
      'Service',
      '',
      {
        spec: {
          type: 'LoadBalancer',
          clusterIPs: ['10.0.0.9'],
          ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
        },
        status: { loadBalancer: {} },
      },
      { 'External-IP': '<pending>', 'Port(s)': '80:30080/TCP', Selector: '<none>' },
    ],
    [
      'a deployment',
      'Deployment',
      'apps',
      {
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'x' } },
          template: { spec: { containers: [{ name: 'c', image: 'i:1' }] } },
        },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
      },
      {
        Ready: '2/3',
        'Up-to-date': 3,
        Available: 2,
        Age: '60m',
        Containers: 'c',
        Images: 'i:1',
        Selector: 'app=x',
      },
    ],
    [
      'an ingress with many hosts',
      'Ingress',
      'networking.k8s.io',
      {
        spec: { ingressClassName: 'n', rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })), tls: [{}] },
        status: {},
      },
      { Class: 'n', Hosts: 'a,b,c + 1 more...', Address: '', Ports: '80, 443' },
    ],
    [
      'a node',
      'Node',
      '',
      {
        metadata: { labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'infra' } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '1.2.3.4' }],
          nodeInfo: { kubeletVersion: 'v1.36.0' },
        },
      },
      {
        Status: 'Ready,SchedulingDisabled',
        Roles: 'control-plane,infra',
        Version: 'v1.36.0',
        'Internal-IP': '1.2.3.4',
        'External-IP': '<none>',
      },
    ],
    [
      'a job',
      'Job',
      'batch',
      {
        spec: { completions: 3, template: { spec: { containers: [] } } },
        status: { succeeded: 1, startTime: '2026-01-01T23:59:00Z' },
      },
      { Status: 'Running', Completions: '1/3', Duration: '60s' },
    ],
    [
      'an autoscaler',
      'HorizontalPodAutoscaler',
      'autoscaling',
      {
        spec: {
          scaleTargetRef: { kind: 'Deployment', name: 'd' },
          maxReplicas: 5,
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
            },
          ],
        },
        status: { currentReplicas: 1 },
      },
      {
        Reference: 'Deployment/d',
        Targets: 'cpu: <unknown>/80%',
        MinPods: '<unset>',
        MaxPods: 5,
        Replicas: 1,
      },
    ],
    [
      'a bound claim',
      'PersistentVolumeClaim',
      '',
      {
        spec: { volumeName: 'v', accessModes: ['ReadWriteMany'] },
        status: {
          phase: 'Bound',
          accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
          capacity: { storage: '1Gi' },
        },
      },
      { Status: 'Bound', Volume: 'v', Capacity: '1Gi', 'Access Modes': 'RWO,RWX' },
    ],
    [
      'a quota',
      'ResourceQuota',
      '',
      { status: { hard: { pods: '10', 'limits.cpu': '4', cpu: '2' }, used: { pods: '1', cpu: '500m' } } },
      { Request: 'cpu: 500m/2, pods: 1/10', Limit: 'limits.cpu: 0/4' },
    ],
    [
      'a network policy with an invalid selector',
      'NetworkPolicy',
      'networking.k8s.io',
      { spec: { podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } } },
      { 'Pod-Selector': '<error>' },
    ],
    ['a kind without columns', 'Widget', 'example.com', {}, { Name: 'x', 'Created At': CREATED }],
  ])('%s', (_, kind, group, object, expected) => {
    expect(row(kind, group, object as Record<string, unknown>)).toMatchObject(expected);
  });
});

describe('cells as kube-apiserver 1.37 fills them', () => {
  test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'PodDisruptionBudget',
      'policy',
      { spec: { minAvailable: 2 }, status: {} },
      { 'Min Available': '2', 'Max Unavailable': 'N/A' },
    ],
    [
      'HorizontalPodAutoscaler',
      'autoscaling',
      { spec: { minReplicas: 2, maxReplicas: 5, scaleTargetRef: {} }, status: {} },
      { MinPods: '2', MaxPods: 5 },
    ],
    [
      'StorageClass',
      'storage.k8s.io',
      { reclaimPolicy: '' },
      { ReclaimPolicy: '', VolumeBindingMode: 'Immediate', AllowVolumeExpansion: false },
    ],
    [
      'CSIDriver',
      'storage.k8s.io',
      { spec: { tokenRequests: [] } },
      { TokenRequests: '', AttachRequired: true, Modes: '<none>' },
    ],
    ['CSIDriver', 'storage.k8s.io', { spec: {} }, { TokenRequests: '<unset>' }],
    [
      'Endpoints',
      '',
      { subsets: [{ notReadyAddresses: [{ ip: '1.2.3.4' }], ports: [{ port: 1 }] }] },
      { Endpoints: '' },
    ],
    ['Endpoints', '', {}, { Endpoints: '<none>' }],
    ['EndpointSlice', 'discovery.k8s.io', { ports: [{ name: '' }] }, { Ports: '<unset>' }],
    [
      'PersistentVolumeClaim',
      '',
      { spec: { volumeName: 'v' }, status: {} },
      { Capacity: '0', VolumeMode: '<unset>' },
    ],
    ['PersistentVolume', '', { spec: { claimRef: {} }, status: {} }, { Claim: '/', Capacity: '0' }],
    [
      'PriorityLevelConfiguration',
      'flowcontrol.apiserver.k8s.io',
      { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0 } } },
      { NominalConcurrencyShares: '<none>' },
    ],
    [
      'Event',
      '',
      { involvedObject: { kind: 'Pod' }, series: {}, count: 3, source: { host: 'h' } },
      { 'Last Seen': '<unknown>', Count: 0, Object: 'pod', Source: ', h' },
    ],
    [
      'Event',
      'events.k8s.io',
      { involvedObject: { kind: 'Pod', name: 'x' }, firstTimestamp: CREATED },
      { 'Last Seen': '60m', Count: 1, Object: 'pod/x' },
    ],
    [
      'StorageVersionMigration',
      'storagemigration.k8s.io',
      {
        spec: { resource: { resource: 'pods' } },
        status: {
          conditions: [
            { type: 'Running', status: 'False' },
            { type: 'Succeeded', status: 'True' },
          ],
        },
      },
      { Resource: 'pods', Status: 'Succeeded' },
    ],
    [
      'ResourcePoolStatusRequest',
      'resource.k8s.io',
      { spec: { driver: 'd' } },
      { Total: '-', Errors: '-', Pools: 0, Status: 'Pending', Completed: '<none>' },
    ],
    [
      'ResourcePoolStatusRequest',
      'resource.k8s.io',
      {
        spec: { driver: 'd' },
        status: {
          poolCount: 3,
          pools: [{ totalDevices: 2 }, { totalDevices: 3, validationError: 'x' }],
          conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: CREATED }],
        },
      },
      { Total: '5', Allocated: '0', Errors: '1', Pools: 3, Status: 'Complete (2/3 pools)', Completed: '60m' },
    ],
    [
      'CustomResourceDefinition',
      'apiextensions.k8s.io',
      {
        spec: {
          scope: 'Cluster',
          group: 'x.io',
          names: { kind: 'A', shortNames: ['q', 'w'] },
          versions: [
            { name: 'v2', served: true },
            { name: 'v1', served: true, storage: true },
            { name: 'v0' },
          ],
        },
        status: { conditions: [{ type: 'Established', status: 'True' }] },
      },
      { Scope: 'Cluster', Versions: 'v1(storage),v2', ShortNames: 'q,w', Established: true },
    ],
    [
      'Pod',
      '',
      {
        spec: { containers: [{}, {}] },
        status: {
          containerStatuses: [
            { state: { terminated: { exitCode: 0, reason: 'Completed' } }, restartCount: 0 },
            { state: { terminated: { exitCode: 4, reason: 'Error' } }, restartCount: 0 },
          ],
        },
      },
      { Status: 'Error' },
    ],
    ['Pod', '', { spec: {}, status: {} }, { Status: '' }],
  ])('%s.%s %j', (kind, group, object, cells) => {
    expect(row(kind, group, object)).toMatchObject(cells);
  });

  test('an address has a cell without a column', () => {
    const { definitions, cells } = columnsOf({ kind: 'IPAddress', group: 'networking.k8s.io' });
    const object = {
      metadata: { name: '1.2.3.4' },
      spec: { parentRef: { group: 'Apps', resource: 'Foos', namespace: 'n', name: 'x' } },
    };
    expect(definitions.map(({ name }) => name)).toEqual(['Name', 'ParentRef']);
    expect(cells(object as unknown as UnstructuredObject)).toEqual(['1.2.3.4', 'foos.apps/n/x', '<unknown>']);
  });

  test.each([
    [
      'Succeeded',
      [
        {
          type: 'Completed',
          status: 'True',
          reason: 'Succeeded',
          message: 'The pod has completed successfully.',
        },
      ],
    ],
    ['Failed', [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }]],
    ['Running', undefined],
  ])('the row of a pod that is %s', (phase, conditions) => {
    const pod = { metadata: {}, status: { phase } };
    expect(builtinTableConvertor({ kind: 'Pod', group: '' }).rowConditions?.(pod)).toEqual(conditions);
  });

  test('flow schemas are listed in matching order', () => {
    const { order } = builtinTableConvertor({ kind: 'FlowSchema', group: 'flowcontrol.apiserver.k8s.io' });
    const schemas = [900, 2, undefined].map((matchingPrecedence) => ({
      metadata: {},
      spec: { matchingPrecedence },
    }));
    expect(schemas.toSorted(order).map(({ spec }) => spec.matchingPrecedence)).toEqual([undefined, 2, 900]);
  });
});

describe('evictions and groups of pods', () => {
  const condition = (type: string, status = 'True') => ({ type, status, reason: 'Why' });
  const pod = { spec: { target: { pod: { name: 'p' } } } };
  const eviction = (status: object) => row('Eviction', 'lifecycle.k8s.io', { ...pod, status });
  const responder = (state: string, more: object) => ({
    targetResponders: [
      { name: 'a', state: 'Completed' },
      { name: 'b', state },
      { name: 'c', state: 'Inactive' },
    ],
    responders: [{ name: 'b', ...more }],
  });
  const NOTHING = {
    'Active Responder': '<unset> (0/0)',
    'Responder Status': '<unset>',
    'Responder Expected Finish': '<unknown>',
    Requesters: '<none>',
    'Responder Heartbeat': '<unset>',
    'Responder Status Message': '<unset>',
  };

  test.each<[string, object, object]>([
    ['nothing', {}, { Target: 'p', 'Target Type': 'Pod', Status: 'Pending', ...NOTHING, Age: '60m' }],
    [
      'progress',
      { observedGeneration: 1, conditions: [condition('Failed', 'False')] },
      { Status: 'Progressing' },
    ],
    ['failure', { conditions: [condition('Failed')] }, { Status: 'Failed (Why)' }],
    [
      'success after it',
      { conditions: [condition('Failed'), condition('TargetEvicted')] },
      { Status: 'TargetEvicted (Why)' },
    ],
    [
      'a responder that begins',
      responder('Active', {}),
      {
        'Active Responder': 'b (2/3)',
        'Responder Status': 'Active',
        'Responder Expected Finish': '<unknown>',
      },
    ],
    [
      'one that works',
      responder('Active', {
        startTime: '2026-01-01T23:55:00Z',
        expectedCompletionTime: '2026-01-02T00:01:30Z',
        heartbeatTime: '2026-01-01T23:59:50Z',
        message: ' moving ',
      }),
      {
        'Responder Status': 'Started (5m ago)',
        'Responder Expected Finish': 'in 90s',
        'Responder Heartbeat': '10s ago',
        'Responder Status Message': 'moving',
      },
    ],
    [
      'one that is late',
      responder('Active', { startTime: CREATED, expectedCompletionTime: '2026-01-01T23:59:00Z' }),
      { 'Responder Status': 'Started (60m ago)', 'Responder Expected Finish': '60s ago' },
    ],
    [
      'one that has ended',
      responder('Completed', { startTime: CREATED, completionTime: '2026-01-01T23:58:00Z' }),
      { 'Responder Status': 'Completed (2m ago)', 'Responder Expected Finish': '-' },
    ],
    ['one that was interrupted', responder('Interrupted', {}), { 'Responder Status': 'Interrupted' }],
    [
      'requesters',
      {
        requesters: [
          { name: 'z', intent: 'Eviction' },
          { name: 'a', intent: 'Eviction' },
          { name: 'b', intent: 'Withdrawn' },
        ],
      },
      { Requesters: 'a + 1 more...' },
    ],
    ['none any more', { requesters: [{ name: 'b', intent: 'Withdrawn' }] }, { Requesters: '<withdrawn>' }],
  ])('an eviction with %s', (_, status, expected) => {
    expect(eviction(status)).toMatchObject(expected);
  });

  test('a request for one', () => {
    const spec = { target: {}, requester: 'a.example.com', intent: 'Eviction' };
    expect(row('EvictionRequest', 'lifecycle.k8s.io', { spec })).toEqual({
      Name: 'x',
      Target: '<unset>',
      'Target Type': '<unset>',
      Status: 'Pending',
      Requester: 'a.example.com',
      Intent: 'Eviction',
      Age: '60m',
    });
  });

  test.each<[string, object, object]>([
    [
      'PodGroup',
      { spec: { schedulingPolicy: { basic: {} } } },
      { Policy: 'Basic', Workload: '<none>', Status: 'Pending' },
    ],
    [
      'PodGroup',
      {
        spec: { schedulingPolicy: { gang: { minCount: 2 } }, workloadRef: { workloadName: 'w' } },
        status: { conditions: [condition('PodGroupInitiallyScheduled', 'False')] },
      },
      { Policy: 'Gang', Workload: 'w', Status: 'Unschedulable' },
    ],
    [
      'PodGroup',
      { spec: {}, status: { conditions: [condition('PodGroupInitiallyScheduled')] } },
      { Status: 'Scheduled' },
    ],
    [
      'PodGroup',
      {
        spec: {},
        status: { conditions: [condition('DisruptionTarget'), condition('PodGroupInitiallyScheduled')] },
      },
      { Status: 'Why' },
    ],
    [
      'CompositePodGroup',
      { spec: { schedulingPolicy: { gang: {} } } },
      { Policy: 'Gang', Workload: '<none>' },
    ],
    ['Workload', { spec: {} }, { Name: 'x', Age: '60m' }],
  ])('a %s', (kind, object, expected) => {
    expect(row(kind, 'scheduling.k8s.io', { ...object })).toMatchObject(expected);
  });
});

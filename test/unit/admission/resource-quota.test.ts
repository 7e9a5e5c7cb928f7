import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, test } from 'vitest';
import { resourceQuota } from '../../../shared/admission/plugins/resource-quota.ts';
import { formatAmounts } from '../../../shared/admission/quota/amounts.ts';
import { calculateUsage } from '../../../shared/admission/quota/calculate-usage.ts';
import { quotaEvaluatorFor } from '../../../shared/admission/quota/evaluators.ts';
import { listObjectsOf } from '../../../shared/admission/quota/list-objects.ts';
import type { ResourceQuota } from '../../../shared/apis/core/v1/types.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { GroupVersionResource } from '../../../shared/runtime/group-version.ts';
import {
  type AdmissionCase,
  PASSED,
  refused,
  resourceOfKind,
  runPlugin,
  TestCluster,
  testDependencies,
} from '../../fixtures/admission.ts';
import { internalObject, type Manifest } from '../../fixtures/internal-object.ts';

const container = (name: string, requests: object = {}, limits: object = {}) => ({
  name,
  image: 'a',
  resources: { requests, limits },
});
const pod = (spec: object = {}, metadata: object = {}, status: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', ...metadata },
  spec: { containers: [container('a', { cpu: '1', memory: '1Gi' }, { cpu: '2', memory: '2Gi' })], ...spec },
  status,
});
const quota = (name: string, hard: object, used: object, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name, namespace: 'ns' },
  spec: { hard, ...spec },
  status: { hard, used },
});
const configMap = (name = 'cm') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ns' },
});
const service = (spec: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'ns', resourceVersion: '1' },
  spec: { ports: [{ port: 80 }, { port: 81, nodePort: 30001 }], ...spec },
});
const claim = (spec: object = {}, status: object = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'ns', resourceVersion: '1' },
  spec: { resources: { requests: { storage: '1Gi' } }, ...spec },
  status,
});
const devices = (...requests: object[]) => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: { name: 'd', namespace: 'ns' },
  spec: { devices: { requests } },
});

const QUOTAS = { group: '', resource: 'resourcequotas' };
const usedOf = (cluster: TestCluster, name: string) =>
  (cluster.find(QUOTAS, 'ns', name) as ResourceQuota | undefined)?.status?.used;

describe('usage', () => {
  const table: Record<string, [Manifest, Record<string, string>]> = {
    'a pod': [
      pod({
        containers: [
          container('a', { cpu: '500m', memory: '1Gi', 'ephemeral-storage': '1Gi' }, { cpu: '1' }),
          container(
            'b',
            { cpu: '250m', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' },
            { 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' },
          ),
        ],
        initContainers: [container('i', { cpu: '600m', memory: '2Gi' })],
        overhead: { cpu: '50m' },
      }),
      {
        'count/pods': '1',
        pods: '1',
        cpu: '800m',
        'requests.cpu': '800m',
        'limits.cpu': '1050m',
        memory: '2Gi',
        'requests.memory': '2Gi',
        'ephemeral-storage': '1Gi',
        'requests.ephemeral-storage': '1Gi',
        'requests.example.com/gpu': '2',
        'hugepages-2Mi': '4Mi',
        'requests.hugepages-2Mi': '4Mi',
      },
    ],
    'a terminated pod': [pod({}, {}, { phase: 'Succeeded' }), { 'count/pods': '1' }],
    'a pod past its deletion deadline': [
      pod({}, { deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }),
      { 'count/pods': '1' },
    ],
    'a pod being resized': [
      pod(
        {},
        {},
        {
          containerStatuses: [
            {
              name: 'a',
              allocatedResources: { cpu: '3' },
              resources: { requests: { cpu: '2' }, limits: { cpu: '4' } },
            },
          ],
        },
      ),
      {
        'count/pods': '1',
        pods: '1',
        cpu: '3',
        'requests.cpu': '3',
        memory: '1Gi',
        'requests.memory': '1Gi',
        'limits.cpu': '4',
        'limits.memory': '2Gi',
      },
    ],
    'a service': [
      service({ type: 'ClusterIP' }),
      { 'count/services': '1', services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' },
    ],
    'a service with node ports': [
      service({ type: 'NodePort' }),
      { 'count/services': '1', services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' },
    ],
    'a service with a load balancer': [
      service({ type: 'LoadBalancer' }),
      { 'count/services': '1', services: '1', 'services.nodeports': '2', 'services.loadbalancers': '1' },
    ],
    'a load balancer without node ports': [
      service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }),
      { 'count/services': '1', services: '1', 'services.nodeports': '1', 'services.loadbalancers': '1' },
    ],
    'a claim of a class': [
      claim({ storageClassName: 'gold' }, { allocatedResources: { storage: '2Gi' } }),
      {
        'count/persistentvolumeclaims': '1',
        persistentvolumeclaims: '1',
        'requests.storage': '2Gi',
        'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
        'gold.storageclass.storage.k8s.io/requests.storage': '2Gi',
      },
    ],
    devices: [
      devices(
        { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
        {
          name: 'b',
          firstAvailable: [
            { name: 'x', deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 },
            { name: 'y', deviceClassName: 'fpga', allocationMode: 'All' },
          ],
        },
      ),
      {
        'count/resourceclaims.resource.k8s.io': '1',
        'gpu.deviceclass.resource.k8s.io/devices': '3',
        'fpga.deviceclass.resource.k8s.io/devices': '32',
      },
    ],
    'a resource with an old name': [configMap(), { 'count/configmaps': '1', configmaps: '1' }],
    'other objects': [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'ns' } },
      { 'count/deployments.apps': '1' },
    ],
  };
  it.each(Object.entries(table))('of %s', (_, [manifest, expected]) => {
    const [group = '', version = 'v1'] = manifest.apiVersion!.includes('/')
      ? manifest.apiVersion!.split('/')
      : ['', 'v1'];
    const resource = resourceOfKind({ group, version, kind: manifest.kind! });
    const usage = quotaEvaluatorFor(resource)!.usage(internalObject(manifest), Date.now());
    expect(formatAmounts(usage)).toEqual(expected);
  });

  it.each(['events', 'bindings'])('of %s is not counted', (resource) => {
    expect(quotaEvaluatorFor({ group: '', resource })).toBeUndefined();
  });

  it('of a namespace, for the controller', async () => {
    const objects: Record<string, KubeObject[]> = {
      pods: [
        pod(),
        pod({ priorityClassName: 'high' }),
        pod({ priorityClassName: 'high' }, {}, { phase: 'Failed' }),
      ].map((manifest) => internalObject(manifest)),
      deployments: [],
    };
    const hard = { pods: '5', cpu: '5', 'count/pods': '9', 'count/deployments.apps': '1', unknown: '1' };
    const scopeSelector = {
      matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }],
    };
    const used = async (spec: object) => {
      const of = internalObject<ResourceQuota>(quota('q', hard, {}, spec));
      const list = async ({ resource }: { resource: string }) => objects[resource] ?? [];
      return formatAmounts(await calculateUsage(of, { list, featureEnabled: () => true }, Date.now()));
    };
    expect(await used({})).toEqual({ pods: '2', cpu: '2', 'count/pods': '3', 'count/deployments.apps': '0' });
    expect(await used({ scopeSelector })).toEqual({
      pods: '1',
      cpu: '1',
      'count/pods': '2',
      'count/deployments.apps': '0',
    });
  });
});

test.each<[string, object, Record<string, string>]>([
  ['without scopes', {}, { configmaps: '3', 'count/configmaps': '3' }],
  ['with a scope', { scopes: ['BestEffort'] }, { configmaps: '0', 'count/configmaps': '0' }],
])(
  'objects of which only the number matters are counted, not read: a quota %s',
  async (_, spec, expected) => {
    const of = internalObject<ResourceQuota>(
      quota('q', { configmaps: '5', 'count/configmaps': '5' }, {}, spec),
    );
    const cluster = {
      list: () => expect.fail('not listed'),
      count: async ({ resource }: { resource: string }) => (resource === 'configmaps' ? 3 : 0),
      featureEnabled: () => true,
    };
    expect(formatAmounts(await calculateUsage(of, cluster, Date.now()))).toEqual(expected);
  },
);

describe('devices that are extended resources', () => {
  const GPU = 'requests.example.com/gpu';
  const DEVICES = 'gpu.deviceclass.resource.k8s.io/devices';
  const IMPLICIT = 'requests.deviceclass.resource.kubernetes.io/gpu';
  const gpus = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: 'gpu' },
    spec: { extendedResourceName: 'example.com/gpu' },
  };
  const wanted = devices({
    name: 'a',
    exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 3 },
  });
  const asking = (resource: string) =>
    pod({ containers: [container('a', { [resource]: '2' }, { [resource]: '2' })] }, { uid: 'u' });
  const controller = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true };
  const made = (name: string, creationTimestamp: string) => ({
    ...wanted,
    metadata: {
      ...wanted.metadata,
      name,
      creationTimestamp,
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [controller],
    },
  });
  const first = made('z', '2026-01-01T00:00:00Z');
  const second = made('a', '2026-01-02T00:00:00Z');
  const told = {
    ...asking('example.com/gpu'),
    status: { extendedResourceClaimStatus: { resourceClaimName: 'a' } },
  };

  /** `off`: feature gates. */
  const usedOf = async (manifests: Manifest[], of: Record<string, string>, off: string[] = []) => {
    const list = listObjectsOf(new TestCluster(manifests));
    const cluster = { list, featureEnabled: (gate: string) => !off.includes(gate) };
    const limited = internalObject<ResourceQuota>(quota('q', of, {}));
    return formatAmounts(await calculateUsage(limited, cluster, Date.now()));
  };

  const hard = { [GPU]: '9', [IMPLICIT]: '9', 'requests.example.com/fpga': '9' };
  it.each<[string, Manifest[], Record<string, string>]>([
    ['claims', [gpus, wanted], { [GPU]: '3', [IMPLICIT]: '3' }],
    ['claims of a missing class', [wanted], { [GPU]: '0', [IMPLICIT]: '0' }],
    ['pods', [asking('deviceclass.resource.kubernetes.io/gpu')], { [GPU]: '0', [IMPLICIT]: '2' }],
    ['pods and their claim', [gpus, asking('example.com/gpu'), first], { [GPU]: '3', [IMPLICIT]: '3' }],
    [
      'a single claim of a pod',
      [gpus, asking('example.com/gpu'), first, second],
      { [GPU]: '6', [IMPLICIT]: '6' },
    ],
    ["the claim in a pod's status", [gpus, told as Manifest, first, second], { [GPU]: '6', [IMPLICIT]: '6' }],
  ])('count for %s', async (_, manifests, expected) => {
    expect(await usedOf(manifests, hard)).toEqual({ ...expected, 'requests.example.com/fpga': '0' });
  });

  it('count only as pod requests without DRAExtendedResource', async () => {
    const manifests = [gpus, asking('example.com/gpu'), wanted, first];
    const all = { ...hard, [DEVICES]: '9' };
    expect(await usedOf(manifests, all)).toEqual({
      [GPU]: '6',
      [IMPLICIT]: '6',
      'requests.example.com/fpga': '0',
      [DEVICES]: '6',
    });
    expect(await usedOf(manifests, all, ['DRAExtendedResource'])).toEqual({
      [GPU]: '2',
      [IMPLICIT]: '0',
      'requests.example.com/fpga': '0',
      [DEVICES]: '6',
    });
  });

  it.each([
    [
      '2',
      refused(
        `403 Forbidden: resourceclaims.resource.k8s.io "d" is forbidden: exceeded quota: q, requested: ${GPU}=3, used: ${GPU}=0, limited: ${GPU}=2`,
      ),
    ],
    ['3', PASSED],
    ['2', PASSED, ['DRAExtendedResource']],
  ])('are charged: %s', async (limit, outcome, disabledFeatures: string[] = []) => {
    const cluster = new TestCluster([gpus, quota('q', { [GPU]: limit }, { [GPU]: '0' })]);
    expect(await runPlugin(resourceQuota, { object: wanted, cluster, disabledFeatures })).toEqual(outcome);
  });
});

describe('ResourceQuota', () => {
  const forbiddenPod = (why: string) => refused(`403 Forbidden: pods "p" is forbidden: ${why}`);
  type Row = readonly [AdmissionCase, ReturnType<typeof refused>, Record<string, string>?];
  /** The quota is called `q`; the third element is its usage afterwards. */
  const table: Record<string, Row> = {
    'enough quota': [
      { object: pod(), cluster: [quota('q', { pods: '3', cpu: '4' }, { pods: '2', cpu: '1500m' })] },
      PASSED,
      { pods: '3', cpu: '2500m' },
    ],
    'insufficient quota': [
      { object: pod(), cluster: [quota('q', { pods: '2', cpu: '4' }, { pods: '2', cpu: '2' })] },
      forbiddenPod('exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'),
      { pods: '2', cpu: '2' },
    ],
    'insufficient quota of two resources': [
      {
        object: pod(),
        cluster: [
          quota(
            'q',
            { pods: '2', 'limits.cpu': '3', memory: '9Gi' },
            { pods: '2', 'limits.cpu': '2', memory: '0' },
          ),
        ],
      },
      forbiddenPod(
        'exceeded quota: q, requested: limits.cpu=2,pods=1, used: limits.cpu=2,pods=2, limited: limits.cpu=3,pods=2',
      ),
      { pods: '2', 'limits.cpu': '2', memory: '0' },
    ],
    'a dry run': [
      { object: pod(), dryRun: true, cluster: [quota('q', { pods: '3' }, { pods: '2' })] },
      PASSED,
      { pods: '2' },
    ],
    'a dry run with insufficient quota': [
      { object: pod(), dryRun: true, cluster: [quota('q', { pods: '2' }, { pods: '2' })] },
      forbiddenPod('exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'),
    ],
    'containers without the limited requests': [
      {
        object: pod({ containers: [container('b'), container('a', { cpu: '1' })] }),
        cluster: [
          quota(
            'q',
            { 'limits.cpu': '9', memory: '9Gi', pods: '9' },
            { 'limits.cpu': '0', memory: '0', pods: '0' },
          ),
        ],
      },
      forbiddenPod('failed quota: q: must specify limits.cpu for: a,b; memory for: a,b'),
    ],
    'a quota without counts yet': [
      { object: pod(), cluster: [quota('q', { pods: '3', cpu: '4' }, { pods: '1' })] },
      forbiddenPod('status unknown for quota: q, resources: cpu,pods'),
    ],
    'a quota without status': [
      { object: pod(), cluster: [{ ...quota('q', { pods: '0' }, {}), status: {} }] },
      PASSED,
    ],
    'a quota of other resources': [
      { object: pod(), cluster: [quota('q', { services: '0' }, { services: '0' })] },
      PASSED,
      { services: '0' },
    ],
    negative: [
      {
        object: pod({ containers: [container('a', { cpu: '-1' })] }),
        cluster: [quota('q', { cpu: '3' }, { cpu: '0' })],
      },
      forbiddenPod('quota usage is negative for resource(s): cpu,requests.cpu'),
    ],
    'objects counted under two names': [
      {
        object: configMap(),
        cluster: [
          quota(
            'q',
            { configmaps: '2', 'count/configmaps': '2' },
            { configmaps: '0', 'count/configmaps': '0' },
          ),
        ],
      },
      PASSED,
      { configmaps: '1', 'count/configmaps': '1' },
    ],
    'an update of a counted object': [
      {
        object: configMap(),
        oldObject: configMap(),
        cluster: [quota('q', { configmaps: '0' }, { configmaps: '0' })],
      },
      PASSED,
    ],
    'a service that becomes a load balancer': [
      {
        object: service({ type: 'LoadBalancer' }),
        oldObject: service({ type: 'ClusterIP' }),
        cluster: [
          quota(
            'q',
            { services: '1', 'services.nodeports': '5', 'services.loadbalancers': '1' },
            { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' },
          ),
        ],
      },
      PASSED,
      { services: '1', 'services.nodeports': '2', 'services.loadbalancers': '1' },
    ],
    'a load balancer that becomes a cluster IP service': [
      {
        object: service({ type: 'ClusterIP' }),
        oldObject: service({ type: 'LoadBalancer' }),
        cluster: [quota('q', { 'services.loadbalancers': '1' }, { 'services.loadbalancers': '1' })],
      },
      PASSED,
      { 'services.loadbalancers': '1' },
    ],
    'a claim that grows': [
      {
        object: claim({ resources: { requests: { storage: '3Gi' } } }),
        oldObject: claim(),
        cluster: [quota('q', { 'requests.storage': '2Gi' }, { 'requests.storage': '1Gi' })],
      },
      refused(
        '403 Forbidden: persistentvolumeclaims "c" is forbidden: exceeded quota: q, requested: requests.storage=2Gi, used: requests.storage=1Gi, limited: requests.storage=2Gi',
      ),
    ],
    'the status of a claim that has grown': [
      {
        object: claim({}, { allocatedResources: { storage: '3Gi' } }),
        oldObject: claim(),
        subresource: 'status',
        cluster: [quota('q', { 'requests.storage': '2Gi' }, { 'requests.storage': '1Gi' })],
      },
      PASSED,
      { 'requests.storage': '3Gi' },
    ],
    'a resize': [
      {
        object: pod({ containers: [container('a', { cpu: '3' })] }, { resourceVersion: '1' }),
        oldObject: pod({ containers: [container('a', { cpu: '1' })] }, { resourceVersion: '1' }),
        subresource: 'resize',
        cluster: [quota('q', { cpu: '2', pods: '1' }, { cpu: '1', pods: '1' })],
      },
      forbiddenPod('exceeded quota: q, requested: cpu=2, used: cpu=1, limited: cpu=2'),
    ],
    'the status of a pod': [
      {
        object: pod(),
        oldObject: pod(),
        subresource: 'status',
        cluster: [quota('q', { pods: '0' }, { pods: '0' })],
      },
      PASSED,
    ],
    'a cluster-scoped object': [
      { object: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, cluster: [] },
      PASSED,
    ],
    'a resource limited by default, without quota': [
      {
        object: pod(),
        cluster: [],
        configuration: { limitedResources: [{ resource: 'pods', matchContains: ['pods', 'cpu'] }] },
      },
      forbiddenPod('insufficient quota to consume: count/pods,cpu,limits.cpu,pods,requests.cpu'),
    ],
    'a resource limited by default, with quota': [
      {
        object: pod(),
        cluster: [quota('q', { 'requests.cpu': '4' }, { 'requests.cpu': '0' })],
        configuration: { limitedResources: [{ resource: 'pods', matchContains: ['requests.cpu'] }] },
      },
      PASSED,
      { 'requests.cpu': '1' },
    ],
    'a scope limited by default, without quota': [
      {
        object: pod({ priorityClassName: 'high' }),
        cluster: [quota('q', { pods: '4' }, { pods: '0' })],
        configuration: {
          limitedResources: [
            {
              resource: 'pods',
              matchScopes: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high', 'higher'] }],
            },
          ],
        },
      },
      forbiddenPod('insufficient quota to match these scopes: [{PriorityClass In [high higher]}]'),
    ],
  };
  it.each(Object.entries(table))('%s', async (_, [request, outcome, used]) => {
    const cluster = new TestCluster(request.cluster as Manifest[]);
    expect(await runPlugin(resourceQuota, { ...request, cluster })).toEqual(outcome);
    if (used !== undefined) expect(usedOf(cluster, 'q')).toEqual(used);
  });

  const scoped = (scopeName: string, operator?: string, values?: string[]) =>
    operator === undefined
      ? { scopes: [scopeName] }
      : { scopeSelector: { matchExpressions: [{ scopeName, operator, values }] } };
  const affine = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaces: ['other'] }],
      },
    },
  };
  const bestEffort = { containers: [container('a')] };
  it.each<[string, object, Manifest, boolean]>([
    ['pods with a deadline', scoped('Terminating'), pod({ activeDeadlineSeconds: 5 }), true],
    ['pods with a deadline', scoped('Terminating'), pod(), false],
    ['pods without a deadline', scoped('NotTerminating'), pod(), true],
    ['pods without requests', scoped('BestEffort'), pod(bestEffort), true],
    ['pods without requests', scoped('BestEffort'), pod(), false],
    ['pods with requests', scoped('NotBestEffort'), pod(), true],
    [
      'pods with a priority class',
      scoped('PriorityClass', 'In', ['high']),
      pod({ priorityClassName: 'high' }),
      true,
    ],
    [
      'pods with a priority class',
      scoped('PriorityClass', 'In', ['high']),
      pod({ priorityClassName: 'low' }),
      false,
    ],
    ['pods with another priority class', scoped('PriorityClass', 'NotIn', ['high']), pod(), true],
    [
      'pods with any priority class',
      scoped('PriorityClass', 'Exists'),
      pod({ priorityClassName: 'low' }),
      true,
    ],
    ['pods without a priority class', scoped('PriorityClass', 'DoesNotExist'), pod(), true],
    ['pods with cross-namespace affinity', scoped('CrossNamespacePodAffinity'), pod(affine), true],
    ['pods with cross-namespace affinity', scoped('CrossNamespacePodAffinity'), pod(), false],
    [
      'claims with a volume attributes class',
      scoped('VolumeAttributesClass', 'In', ['fast']),
      claim({ volumeAttributesClassName: 'fast' }),
      true,
    ],
    [
      'claims with a volume attributes class',
      scoped('VolumeAttributesClass', 'In', ['fast']),
      claim(),
      false,
    ],
    ['config maps, which have no scopes', scoped('Terminating'), configMap(), false],
  ])('scopes: %s (%#)', async (_, scope, object, counted) => {
    const hard = { 'count/pods': '9', 'count/persistentvolumeclaims': '9', 'count/configmaps': '9' };
    const none = { 'count/pods': '0', 'count/persistentvolumeclaims': '0', 'count/configmaps': '0' };
    const cluster = new TestCluster([quota('q', hard, none, scope)]);
    expect(await runPlugin(resourceQuota, { object, cluster })).toEqual(PASSED);
    const sum = Object.values(usedOf(cluster, 'q') ?? {}).reduce((total, used) => total + Number(used), 0);
    expect(sum).toBe(counted ? 1 : 0);
  });

  it('charges all quotas or none', async () => {
    const wide = quota('a', { pods: '9' }, { pods: '0' });
    const narrow = quota('b', { pods: '0' }, { pods: '0' });
    const cluster = new TestCluster([wide, narrow]);
    const { refused: why } = await runPlugin(resourceQuota, { object: pod(), cluster });
    expect(why).toContain('exceeded quota: b');
    expect([usedOf(cluster, 'a'), usedOf(cluster, 'b')]).toEqual([{ pods: '0' }, { pods: '0' }]);
  });

  it('rejects a configuration without a resource', () => {
    const configuration = { limitedResources: [{ matchContains: ['x'] }] };
    expect(() => resourceQuota(testDependencies({ configuration }))).toThrow(
      new Error('limitedResources[0].resource: Required value'),
    );
  });

  /** Responds late, with a stale list. */
  class SlowCluster extends TestCluster {
    writes = 0;

    override lister<T extends KubeObject>(resource: { group: string; resource: string }) {
      const lister = super.lister<T>(resource);
      return {
        ...lister,
        list: async (namespace: string, maxStalenessMs = 500) => {
          const stale = await lister.list(namespace);
          await sleep(Math.random() * 3);
          return maxStalenessMs === 0 ? lister.list(namespace) : stale;
        },
      };
    }

    override readonly client = {
      ...new TestCluster().client,
      update: async <T extends KubeObject>(resource: GroupVersionResource, object: T): Promise<T> => {
        await sleep(Math.random() * 3);
        this.writes += 1;
        return this.replace(resource, object);
      },
    };
  }

  it('never admits an eleventh object, through any server', async () => {
    const cluster = new SlowCluster([quota('q', { configmaps: '10' }, { configmaps: '0' })]);
    const servers = Array.from({ length: 4 }, () => resourceQuota(testDependencies({ cluster })));
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        runPlugin(servers[index % servers.length]!, { object: configMap(`cm-${index}`), cluster }),
      ),
    );
    const passed = outcomes.filter((outcome) => outcome.refused === undefined);
    expect(passed).toHaveLength(10);
    expect(usedOf(cluster, 'q')).toEqual({ configmaps: '10' });
  });

  it('charges concurrent requests with one write', async () => {
    const cluster = new SlowCluster([quota('q', { configmaps: '100' }, { configmaps: '0' })]);
    const server = resourceQuota(testDependencies({ cluster }));
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        runPlugin(server, { object: configMap(`cm-${index}`), cluster }),
      ),
    );
    expect(usedOf(cluster, 'q')).toEqual({ configmaps: '50' });
    expect(cluster.writes).toBeLessThanOrEqual(2);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { PersistentVolume, Pod } from '../../../shared/apis/core/v1/types.ts';
import type { VolumeAttachment } from '../../../shared/apis/storage/v1/types.ts';
import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { NodeAuthorizer } from '../../../shared/authz/node/node-authorizer.ts';
import { type NodeBound, NodeIndex } from '../../../shared/authz/node/node-index.ts';
import { StorageError } from '../../../shared/storage/errors.ts';
import { attributes, MemoryLister, nonResource, user } from './fixtures.ts';

const node = (name: string) => user(`system:node:${name}`, ['system:nodes', 'system:authenticated']);
const ONE = node('one');

const pod = (name: string, nodeName: string, spec: object = {}, more: object = {}): Pod =>
  ({
    metadata: { name, namespace: 'shop', ...more },
    spec: { nodeName, containers: [{ name: 'main' }], serviceAccountName: `${name}-sa`, ...spec },
  }) as unknown as Pod;

const PODS = [
  pod('a', 'one', {
    imagePullSecrets: [{ name: 'pull' }],
    initContainers: [{ name: 'i', env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'init-env' } } }] }],
    containers: [
      {
        name: 'main',
        env: [{ name: 'Y', valueFrom: { configMapKeyRef: { name: 'env-map' } } }],
        envFrom: [{ secretRef: { name: 'env-from' } }, { configMapRef: { name: 'from-map' } }],
      },
    ],
    ephemeralContainers: [{ name: 'e', envFrom: [{ secretRef: { name: 'ephemeral-env' } }] }],
    volumes: [
      { name: 's', secret: { secretName: 'volume' } },
      { name: 'm', configMap: { name: 'volume-map' } },
      {
        name: 'p',
        projected: { sources: [{ secret: { name: 'projected' } }, { configMap: { name: 'projected-map' } }] },
      },
      { name: 'data', persistentVolumeClaim: { claimName: 'claim' } },
      { name: 'scratch', ephemeral: { volumeClaimTemplate: {} } },
      { name: 'csi', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
    ],
    resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu-claim' }],
  }),
  pod('b', 'two', { volumes: [{ name: 's', secret: { secretName: 'of-two' } }] }),
  pod(
    'mirror',
    'one',
    { volumes: [{ name: 's', secret: { secretName: 'coveted' } }] },
    {
      annotations: { 'kubernetes.io/config.mirror': 'x' },
    },
  ),
  pod('waiting', '', { volumes: [{ name: 's', secret: { secretName: 'unscheduled' } }] }),
];
const VOLUMES = [
  {
    metadata: { name: 'pv' },
    spec: {
      claimRef: { namespace: 'shop', name: 'claim' },
      csi: { nodeStageSecretRef: { name: 'stage', namespace: 'csi' } },
      azureFile: { secretName: 'azure', secretNamespace: '' },
    },
  },
  { metadata: { name: 'free' }, spec: { csi: { nodeStageSecretRef: { name: 'free', namespace: 'csi' } } } },
] as unknown as PersistentVolume[];
const bound = (name: string, nodeName: string, namespace?: string) =>
  ({ metadata: { name, namespace }, spec: { nodeName } }) as unknown as NodeBound;

const listers = {
  pods: new MemoryLister<Pod>(PODS),
  persistentVolumes: new MemoryLister<PersistentVolume>(VOLUMES),
  volumeAttachments: new MemoryLister<VolumeAttachment>([
    bound('attached', 'one') as unknown as VolumeAttachment,
    bound('elsewhere', 'two') as unknown as VolumeAttachment,
  ]),
  resourceSlices: new MemoryLister<NodeBound>([bound('slice', 'one'), bound('other', 'two')]),
  podCertificateRequests: new MemoryLister<NodeBound>([
    bound('pcr', 'one', 'shop'),
    bound('other', 'two', 'shop'),
  ]),
};
const authorizer = new NodeAuthorizer(new NodeIndex(listers), () => true);
beforeEach(() => {
  listers.pods.failure = undefined;
});

const allows = async (what: AuthorizerAttributes): Promise<boolean> =>
  (await authorizer.authorize(what)).decision === 'Allow';
const shop = { namespace: 'shop' };
const named = (name: string, namespace = 'shop') => ({ name, namespace });

describe('secrets and other references of pods', () => {
  test.each([
    ...['pull', 'init-env', 'env-from', 'ephemeral-env', 'volume', 'projected', 'csi'].map((name) => [
      'secrets',
      name,
      true,
    ]),
    ...['of-two', 'coveted', 'unscheduled', 'nothing', ''].map((name) => ['secrets', name, false]),
    ...['env-map', 'from-map', 'volume-map', 'projected-map'].map((name) => ['configmaps', name, true]),
    ['configmaps', 'volume', false],
    ['secrets', 'env-map', false],
    ['persistentvolumeclaims', 'claim', true],
    ['persistentvolumeclaims', 'a-scratch', true],
    ['persistentvolumeclaims', 'other', false],
    ['resourceclaims.resource.k8s.io', 'gpu-claim', true],
    ['resourceclaims.resource.k8s.io', 'other', false],
    ['pods', 'a', true],
    ['pods', 'mirror', true],
    ['pods', 'b', false],
    ['podcertificaterequests.certificates.k8s.io', 'pcr', true],
    ['podcertificaterequests.certificates.k8s.io', 'other', false],
  ] as [string, string, boolean][])('get %s %s: %s', async (resource, name, expected) => {
    expect(await allows(attributes(ONE, 'get', resource, named(name)))).toBe(expected);
  });

  test.each([
    ['azure', 'shop', true],
    ['stage', 'csi', true],
    ['free', 'csi', false],
    ['stage', 'shop', false],
    ['volume', 'other', false],
  ] as [string, string, boolean][])(
    'get secret %s of namespace %s: %s',
    async (name, namespace, expected) => {
      expect(await allows(attributes(ONE, 'get', 'secrets', { name, namespace }))).toBe(expected);
    },
  );

  test.each([
    ['persistentvolumes', 'pv', true],
    ['persistentvolumes', 'free', false],
    ['volumeattachments.storage.k8s.io', 'attached', true],
    ['volumeattachments.storage.k8s.io', 'elsewhere', false],
    ['resourceslices.resource.k8s.io', 'slice', true],
    ['resourceslices.resource.k8s.io', 'other', false],
    ['nodes', 'one', true],
    ['nodes', 'two', false],
  ] as [string, string, boolean][])('get %s %s: %s', async (resource, name, expected) => {
    expect(await allows(attributes(ONE, 'get', resource, { name }))).toBe(expected);
  });
});

const selector = (key: string, value: string, operator = '=') => ({
  fieldSelector: [{ key, operator, values: [value] }],
});

test.each<[string, AuthorizerAttributes, boolean]>([
  ['list secrets', attributes(ONE, 'list', 'secrets', shop), false],
  ['watch one secret', attributes(ONE, 'watch', 'secrets', named('volume')), true],
  ['update a secret', attributes(ONE, 'update', 'secrets', named('volume')), false],
  ['a subresource of a secret', attributes(ONE, 'get', 'secrets/x', named('volume')), false],
  [
    'update the status of its claim',
    attributes(ONE, 'patch', 'persistentvolumeclaims/status', named('claim')),
    true,
  ],
  ['update its claim', attributes(ONE, 'update', 'persistentvolumeclaims', named('claim')), false],
  ["a token of its pod's account", attributes(ONE, 'create', 'serviceaccounts/token', named('a-sa')), true],
  ['a token of another account', attributes(ONE, 'create', 'serviceaccounts/token', named('b-sa')), false],
  ["read its pod's account", attributes(ONE, 'get', 'serviceaccounts', named('a-sa')), true],
  ['read another account', attributes(ONE, 'get', 'serviceaccounts', named('b-sa')), false],
  [
    'its lease',
    attributes(ONE, 'update', 'leases.coordination.k8s.io', named('one', 'kube-node-lease')),
    true,
  ],
  [
    "another node's lease",
    attributes(ONE, 'get', 'leases.coordination.k8s.io', named('two', 'kube-node-lease')),
    false,
  ],
  [
    'its lease in another namespace',
    attributes(ONE, 'get', 'leases.coordination.k8s.io', named('one')),
    false,
  ],
  [
    'list leases',
    attributes(ONE, 'list', 'leases.coordination.k8s.io', { namespace: 'kube-node-lease' }),
    false,
  ],
  ['its CSINode', attributes(ONE, 'patch', 'csinodes.storage.k8s.io', { name: 'one' }), true],
  ["another node's CSINode", attributes(ONE, 'patch', 'csinodes.storage.k8s.io', { name: 'two' }), false],
  ['list pods', attributes(ONE, 'list', 'pods'), false],
  ['list its pods', attributes(ONE, 'list', 'pods', selector('spec.nodeName', 'one')), true],
  ["list another node's pods", attributes(ONE, 'list', 'pods', selector('spec.nodeName', 'two')), false],
  ['list all but its pods', attributes(ONE, 'list', 'pods', selector('spec.nodeName', 'one', '!=')), false],
  ['create a pod', attributes(ONE, 'create', 'pods', shop), true],
  ['evict', attributes(ONE, 'create', 'pods/eviction', named('a')), true],
  ['update a pod', attributes(ONE, 'update', 'pods', named('a')), false],
  ['update the status of a pod', attributes(ONE, 'update', 'pods/status', named('a')), true],
  ['exec in a pod', attributes(ONE, 'create', 'pods/exec', named('a')), false],
  ['an own property of Object', attributes(ONE, 'create', 'pods/constructor', named('a')), false],
  ['list nodes', attributes(ONE, 'list', 'nodes'), false],
  ['delete itself', attributes(ONE, 'delete', 'nodes', { name: 'one' }), false],
  ['update its status', attributes(ONE, 'patch', 'nodes/status', { name: 'one' }), true],
  [
    'list its slices',
    attributes(ONE, 'list', 'resourceslices.resource.k8s.io', selector('spec.nodeName', 'one')),
    true,
  ],
  ['list slices', attributes(ONE, 'list', 'resourceslices.resource.k8s.io'), false],
  ['a request allowed by the role', attributes(ONE, 'create', 'events', shop), true],
  ['services, by the role', attributes(ONE, 'list', 'services'), true],
  ['a request without a rule', attributes(ONE, 'delete', 'deployments.apps', named('x')), false],
  ['a path', nonResource(ONE, 'get', '/metrics'), false],
  ['a node without the group', attributes(user('system:node:one'), 'get', 'nodes', { name: 'one' }), false],
  [
    'the group without the name',
    attributes(user('x', ['system:nodes']), 'get', 'nodes', { name: 'x' }),
    false,
  ],
  ['a node without a name', attributes(node(''), 'create', 'pods', shop), false],
])('%s: %#', async (_name, what, expected) => {
  expect(await allows(what)).toBe(expected);
});

test('references of pods are known as soon as the replica has them', async () => {
  const secret = attributes(ONE, 'get', 'secrets', named('unscheduled'));
  expect(await allows(secret)).toBe(false);
  const scheduled = { ...PODS[3]!, spec: { ...PODS[3]!.spec, nodeName: 'one' } } as Pod;
  listers.pods.replace(...PODS.slice(0, 3), scheduled);
  expect(await allows(secret)).toBe(true);
  listers.pods.replace(...PODS);
  expect(await allows(secret)).toBe(false);
});

test('without a replica everything is denied with a reason', async () => {
  listers.pods.failure = new Error('the log is out of reach');
  const result = await authorizer.authorize(attributes(ONE, 'get', 'secrets', named('volume')));
  expect(result).toMatchObject({ decision: 'NoOpinion', error: listers.pods.failure });
});

test('an unreadable table is reported with a retry hint', async () => {
  listers.pods.failure = new StorageError('Throttled', 'x', { retryAfterSeconds: 1 });
  const result = await authorizer.authorize(
    attributes(ONE, 'get', 'secrets', { namespace: 'shop', name: 'volume' }),
  );
  expect(result).toMatchObject({
    decision: 'NoOpinion',
    error: { status: { code: 429, details: { retryAfterSeconds: 1 } } },
  });
});

/**
 * Permissions of kubelets. With --authorization-mode=Node,RBAC and --enable-admission-plugins=NodeRestriction they are
 * restricted to their own pods; on other servers roles decide.
 */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove } from './steps.ts';

const NS = '/api/v1/namespaces/$N';
const NODES = '/api/v1/nodes';
const ONE = '$N-one';
const TWO = '$N-two';

const as = (node: string, step: Step): Step => ({
  ...step,
  headers: {
    ...step.headers,
    'impersonate-user': `system:node:${node}`,
    'impersonate-group': 'system:nodes',
  },
});
const one = (step: Step): Step => as(ONE, step);
const merge = (path: string, body: object): Step => patch('merge', `${path}?dryRun=All`, body);
const of = (field: string, value: string) => `?fieldSelector=${field}%3D${value}`;

const pod = (name: string, nodeName: string | undefined, more: object = {}) =>
  object('v1', 'Pod', name, {
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'c', image: 'i' }],
      ...(nodeName !== undefined && { nodeName }),
      ...more,
    },
  });

const KINDS = ['secrets', 'configmaps', 'persistentvolumeclaims'] as const;
const OBJECTS = ['used', 'unused'] as const;
const made = (name: string): readonly Step[] => [
  post(`${NS}/secrets`, object('v1', 'Secret', name)),
  post(`${NS}/configmaps`, object('v1', 'ConfigMap', name)),
  post(
    `${NS}/persistentvolumeclaims`,
    object('v1', 'PersistentVolumeClaim', name, {
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeName: `$N-${name}`,
        resources: { requests: { storage: '1Gi' } },
      },
    }),
  ),
  post(
    '/api/v1/persistentvolumes',
    object('v1', 'PersistentVolume', `$N-${name}`, {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace: '$N', name },
        hostPath: { path: '/a' },
      },
    }),
  ),
];
const VOLUMES = [
  { name: 'a', secret: { secretName: 'used' } },
  { name: 'b', configMap: { name: 'used' } },
  { name: 'c', persistentVolumeClaim: { claimName: 'used' } },
  { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }] } },
];
const MADE: readonly Step[] = [
  post(`${NS}/serviceaccounts`, object('v1', 'ServiceAccount', 'account')),
  post(NODES, object('v1', 'Node', ONE)),
  post(NODES, object('v1', 'Node', TWO)),
  ...OBJECTS.flatMap(made),
  {
    ...post(`${NS}/pods`, pod('mine', ONE, { serviceAccountName: 'account', volumes: VOLUMES })),
    keeps: 'mine',
  },
  { ...post(`${NS}/pods`, pod('other', TWO)), keeps: 'other' },
  post(`${NS}/pods`, pod('unbound', undefined)),
  { ...get(`${NODES}/${ONE}`), keeps: 'node' },
];

const LABELS = [
  'a',
  'kubernetes.io/hostname',
  'node-role.kubernetes.io/x',
  'node-restriction.kubernetes.io/x',
  'x.node-restriction.kubernetes.io/x',
  'kubernetes.io/x',
  'kubelet.kubernetes.io/x',
  'node.kubernetes.io/x',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/zone',
  'beta.kubernetes.io/os',
  'x.kubernetes.io/x',
  'k8s.io/x',
  'x.k8s.io/x',
];
const ITSELF: readonly Step[] = [
  ...LABELS.flatMap((label) => [
    merge(`${NODES}/${ONE}`, { metadata: { labels: { [label]: 'b' } } }),
    post(`${NODES}?dryRun=All`, {
      ...object('v1', 'Node', `${ONE}-new`),
      metadata: { name: `${ONE}-new`, labels: { [label]: 'b' } },
    }),
  ]),
  ...[
    { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } },
    { spec: { unschedulable: true } },
    { spec: { podCIDR: '10.1.0.0/24' } },
    { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'a', uid: 'b' }] } },
    { metadata: { annotations: { a: 'b' }, finalizers: ['a.b/c'] } },
  ].map((change) => merge(`${NODES}/${ONE}`, change)),
  merge(`${NODES}/${TWO}`, { metadata: { annotations: { a: 'b' } } }),
  ...[ONE, TWO].flatMap((name) => [
    merge(`${NODES}/${name}/status`, { status: { phase: 'Running', capacity: { cpu: '4' } } }),
    get(`${NODES}/${name}`),
    get(`${NODES}/${name}/proxy/`),
    get(NODES + of('metadata.name', name)),
    remove(`${NODES}/${name}?dryRun=All`),
  ]),
  get(NODES),
];

const PODS = ['mine', 'other', 'unbound', 'none'];
const OF_PODS: readonly Step[] = PODS.flatMap((name) => {
  const path = `${NS}/pods/${name}`;
  return [
    get(path),
    get(`${path}/log`),
    merge(path, { metadata: { labels: { a: 'b' } } }),
    merge(`${path}/status`, { status: { phase: 'Running' } }),
    merge(`${path}/status`, { metadata: { labels: { a: 'b' } }, status: { phase: 'Running' } }),
    remove(`${path}?dryRun=All`),
    post(`${path}/eviction?dryRun=All`, object('policy/v1', 'Eviction', name)),
    post(`${path}/binding?dryRun=All`, object('v1', 'Binding', name, { target: { name: ONE } })),
    post(`${path}/exec?command=ls`, undefined),
  ];
});

const OWNER = {
  apiVersion: 'v1',
  kind: 'Node',
  name: ONE,
  uid: '$(node.metadata.uid)',
  controller: true,
};
const mirror = (spec: object, metadata: object = {}) => ({
  ...pod('mirror', ONE, spec),
  metadata: {
    name: 'mirror',
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: [OWNER],
    ...metadata,
  },
});
const withVolume = (volume: object) => mirror({ volumes: [{ name: 'a', ...volume }] });
const withContainer = (more: object) => mirror({ containers: [{ name: 'c', image: 'i', ...more }] });
const MIRRORS = [
  mirror({}),
  mirror({}, { ownerReferences: [] }),
  mirror({}, { annotations: {} }),
  mirror({ nodeName: TWO }),
  mirror({ nodeName: '' }),
  mirror({ serviceAccountName: 'account' }),
  withVolume({ secret: { secretName: 'used' } }),
  withVolume({ configMap: { name: 'used' } }),
  withVolume({ persistentVolumeClaim: { claimName: 'used' } }),
  withVolume({ projected: { sources: [{ secret: { name: 'used' } }] } }),
  withVolume({ projected: { sources: [{ serviceAccountToken: { path: 'x' } }] } }),
  withVolume({ emptyDir: {} }),
  withContainer({ envFrom: [{ secretRef: { name: 'used' } }] }),
  withContainer({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'used', key: 'k' } } }] }),
  mirror({ imagePullSecrets: [{ name: 'used' }] }),
  mirror({ resourceClaims: [{ name: 'a', resourceClaimName: 'x' }] }),
  ...[
    { name: TWO },
    { uid: 'other' },
    { controller: false },
    { blockOwnerDeletion: true },
    { kind: 'Other' },
    { apiVersion: 'v2' },
  ].map((change) => mirror({}, { ownerReferences: [{ ...OWNER, ...change }] })),
  mirror({}, { ownerReferences: [OWNER, { ...OWNER, name: TWO, uid: 'x', controller: false }] }),
].map((body) => post(`${NS}/pods?dryRun=All`, body));

const READ: readonly Step[] = KINDS.flatMap((kind) => [
  ...[...OBJECTS, 'none'].flatMap((name) => [
    get(`${NS}/${kind}/${name}`),
    get(`${NS}/${kind}${of('metadata.name', name)}`),
    get(`${NS}/${kind}${of('metadata.name', name)}&watch=1&timeoutSeconds=1&resourceVersion=0`),
  ]),
  get(`${NS}/${kind}`),
  get(`/api/v1/${kind}`),
  remove(`${NS}/${kind}/used?dryRun=All`),
]);
const CLAIMS: readonly Step[] = [
  ...OBJECTS.map((name) => get(`/api/v1/persistentvolumes/$N-${name}`)),
  ...OBJECTS.flatMap((name) =>
    [
      { status: { capacity: { storage: '2Gi' } } },
      { status: { phase: 'Bound' } },
      { metadata: { labels: { b: 'c', a: 'b' } } },
    ].map((change) => merge(`${NS}/persistentvolumeclaims/${name}/status`, change)),
  ),
  merge(`${NS}/persistentvolumeclaims/used`, { spec: { resources: { requests: { storage: '2Gi' } } } }),
];

const boundTo = (kind: string, name: string, uid: string) => ({
  boundObjectRef: { kind, apiVersion: 'v1', name, uid },
});
const TOKENS: readonly Step[] = ['account', 'default'].flatMap((account) => [
  get(`${NS}/serviceaccounts/${account}`),
  ...[
    {},
    boundTo('Pod', 'mine', '$(mine.metadata.uid)'),
    boundTo('Pod', 'mine', ''),
    boundTo('Pod', 'mine', 'x'),
    boundTo('Pod', 'other', '$(other.metadata.uid)'),
    boundTo('Pod', 'none', 'x'),
    boundTo('Secret', 'used', 'x'),
    boundTo('Node', ONE, 'x'),
    { audiences: ['x'], ...boundTo('Pod', 'mine', '$(mine.metadata.uid)') },
    { audiences: ['vault'], ...boundTo('Pod', 'mine', '$(mine.metadata.uid)') },
    { audiences: ['vault', 'x'], ...boundTo('Pod', 'mine', '$(mine.metadata.uid)') },
  ].map((spec) =>
    post(`${NS}/serviceaccounts/${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec,
    }),
  ),
]);

const OWNED: readonly Step[] = [
  ['/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', 'coordination.k8s.io/v1', 'Lease'],
  ['/apis/coordination.k8s.io/v1/namespaces/$N/leases', 'coordination.k8s.io/v1', 'Lease'],
  ['/apis/storage.k8s.io/v1/csinodes', 'storage.k8s.io/v1', 'CSINode'],
].flatMap(([path, apiVersion, kind]) => [
  ...[ONE, TWO].flatMap((name) => [
    post(path!, object(apiVersion!, kind!, name, { spec: kind === 'CSINode' ? { drivers: [] } : {} })),
    get(`${path}/${name}`),
    merge(`${path}/${name}`, { metadata: { annotations: { a: 'b' } } }),
    remove(`${path}/${name}?dryRun=All`),
  ]),
  get(path!),
]);
const SLICES = '/apis/resource.k8s.io/v1/resourceslices';
const OTHERS: readonly Step[] = [
  ...[{ nodeName: ONE }, { nodeName: TWO }, { allNodes: true }].map((where) =>
    post(
      `${SLICES}?dryRun=All`,
      object('resource.k8s.io/v1', 'ResourceSlice', 'r', {
        spec: { driver: 'a.b', pool: { name: 'p', resourceSliceCount: 1 }, ...where },
      }),
    ),
  ),
  ...['', of('spec.nodeName', ONE), of('spec.nodeName', TWO), of('nodeName', ONE)].flatMap((query) => [
    get(SLICES + query),
    remove(SLICES + query),
    get(`/api/v1/pods${query}`),
  ]),
  ...[
    '/apis/storage.k8s.io/v1/volumeattachments',
    '/apis/storage.k8s.io/v1/volumeattachments/x',
    '/apis/node.k8s.io/v1/runtimeclasses',
    '/api/v1/namespaces/$N/services',
    '/api/v1/namespaces/$N',
    '/apis/apps/v1/deployments',
    '/apis/certificates.k8s.io/v1/namespaces/$N/podcertificaterequests',
    '/apis/resource.k8s.io/v1/namespaces/$N/resourceclaims/x',
  ].map((path) => get(path)),
  post(
    `${NS}/events`,
    object('v1', 'Event', 'e', { involvedObject: { kind: 'Node', name: ONE, namespace: '$N' } }),
  ),
];

const QUESTIONS = [
  { verb: 'get', resource: 'secrets', namespace: '$N', name: 'used' },
  { verb: 'get', resource: 'secrets', namespace: '$N', name: 'unused' },
  { verb: 'list', resource: 'secrets', namespace: '$N' },
  { verb: 'get', resource: 'nodes', name: TWO },
  { verb: 'list', resource: 'nodes' },
  { verb: 'create', resource: 'serviceaccounts', subresource: 'token', namespace: '$N', name: 'account' },
  { verb: 'get', resource: 'persistentvolumes', name: '$N-unused' },
  {
    verb: 'update',
    resource: 'leases',
    group: 'coordination.k8s.io',
    namespace: 'kube-node-lease',
    name: TWO,
  },
  { verb: 'patch', resource: 'csinodes', group: 'storage.k8s.io', name: TWO },
  { verb: 'get', resource: 'resourceclaims', group: 'resource.k8s.io', namespace: '$N', name: 'x' },
  { verb: 'watch', resource: 'pods', namespace: '$N' },
].flatMap((resourceAttributes) =>
  [`system:node:${ONE}`, 'system:node:', 'jane'].map((user) =>
    post('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups: ['system:nodes'], resourceAttributes },
    }),
  ),
);

const session = (name: string, steps: readonly Step[]): Session => ({
  name: `nodes: ${name}`,
  steps: [
    ...MADE,
    ...steps,
    ...[ONE, TWO].flatMap((node) => [
      remove(`${NODES}/${node}`),
      remove(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node}`),
      remove(`/apis/storage.k8s.io/v1/csinodes/${node}`),
    ]),
    ...OBJECTS.map((name) => remove(`/api/v1/persistentvolumes/$N-${name}`)),
  ],
});

export const nodes = (): Session[] => [
  session('themselves', [one(post(NODES, object('v1', 'Node', ONE))), ...ITSELF.map(one)]),
  session(
    'without a name',
    [get(NODES), get(`${NODES}/${ONE}`), ...READ].map((step) => as('', step)),
  ),
  session('pods', OF_PODS.map(one)),
  session('pods of their own', [
    ...MIRRORS.map(one),
    one(post(`${NS}/pods`, mirror({}))),
    one(get(`${NS}/pods/mirror`)),
    one(put(`${NS}/pods/mirror/status`, mirror({}))),
    one(remove(`${NS}/pods/mirror?gracePeriodSeconds=0`)),
  ]),
  session('what pods refer to', [...READ, ...CLAIMS].map(one)),
  session('tokens', TOKENS.map(one)),
  session('what is theirs', [...OWNED, ...OTHERS].map(one)),
  session('asked about', QUESTIONS),
];

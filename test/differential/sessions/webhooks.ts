import type { Session, Step } from '../exchange.ts';
import { AUTHORITY, BEHAVIOURS, WEBHOOK } from '../webhook-recorder.ts';

const N = '/api/v1/namespaces/$N';
const MAPS = `${N}/configmaps`;
const PODS = `${N}/pods`;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/$N/deployments';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Step => ({
  method,
  path,
  ...(body !== undefined && { body }),
  ...(headers && { headers }),
});
const post = (path: string, body: unknown): Step => ask('POST', path, body);
const put = (path: string, body: unknown): Step => ask('PUT', path, body);
const remove = (path: string, body?: unknown): Step => ask('DELETE', path, body);
const patch = (path: string, kind: string, body: unknown): Step =>
  ask('PATCH', path, body, { 'content-type': `application/${kind}` });
const merge = (path: string, body: unknown): Step => patch(path, 'merge-patch+json', body);
const apply = (path: string, body: unknown): Step => patch(path, 'apply-patch+yaml', body);

const map = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'x' }] },
});

type Sort = 'Mutating' | 'Validating';

const EVERYTHING = {
  rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: '*' }],
};

/** A webhook of a configuration; `path` selects its behaviour. */
const hook = (sort: Sort, path: string, more: object = {}) => ({
  name: `${path}.${sort.toLowerCase()}.example.com`,
  admissionReviewVersions: ['v1', 'v1beta1'],
  sideEffects: 'None',
  clientConfig: {
    url: `${WEBHOOK}/${sort === 'Mutating' ? 'mutate' : 'validate'}/${path}`,
    caBundle: AUTHORITY,
  },
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$N' } },
  rules: [
    { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Namespaced' },
  ],
  ...more,
});

/** Rejects labelled ConfigMaps in this namespace, which shows that the configuration is in effect. */
const marker = (sort: Sort) =>
  hook(sort, 'deny', {
    name: `marker.${sort.toLowerCase()}.example.com`,
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
    objectSelector: { matchLabels: { marker: '$N' } },
  });
const marked = (name: string) => ({
  ...map(name),
  metadata: { name, labels: { marker: '$N' } },
});
const nameOf = (sort: Sort) => `${sort.toLowerCase()}.$N`;
const collection = (sort: Sort) => `${REGISTRATION}/${sort.toLowerCase()}webhookconfigurations`;

/** Creates a configuration, runs the steps once it is in effect, and deletes it. */
const registered = (sort: Sort, hooks: readonly object[], steps: readonly Step[]): Step[] => [
  post(collection(sort), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${sort}WebhookConfiguration`,
    metadata: { name: nameOf(sort) },
    webhooks: [...hooks, marker(sort)],
  }),
  { ...post(`${MAPS}?dryRun=All`, marked('seen')), until: 'refused' },
  ...steps,
  remove(`${collection(sort)}/${nameOf(sort)}`),
  { ...post(`${MAPS}?dryRun=All`, marked('unseen')), until: 201 },
];

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  },
};
const scale = (replicas: number) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'd' },
  spec: { replicas },
});
const debugging = {
  spec: { ephemeralContainers: [{ name: 'debug', image: 'x', targetContainerName: 'c' }] },
};
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.$N.example.com' },
  spec: {
    group: '$N.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: { size: { type: 'integer', default: 3 }, replicas: { type: 'integer' } },
            },
            status: { type: 'object', properties: { replicas: { type: 'integer' } } },
          },
        },
      },
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
    })),
  },
};
export const WIDGETS = '/apis/$N.example.com/v1/namespaces/$N/widgets';
const widget = (name: string, version = 'v1') => ({
  apiVersion: `$N.example.com/${version}`,
  kind: 'Widget',
  metadata: { name },
  spec: {},
});

/** Writes of all kinds, for any webhook. */
export const WRITES: readonly Step[] = [
  post(MAPS, map('a', { data: { x: '1' } })),
  post(`${MAPS}?dryRun=All&fieldManager=m&fieldValidation=Strict`, map('b')),
  post(MAPS, { ...map('x'), metadata: { generateName: 'g-', labels: { a: 'b' } } }),
  put(`${MAPS}/a`, map('a', { data: { x: '2' } })),
  put(`${MAPS}/a?fieldManager=q&fieldValidation=Ignore`, map('a', { data: { x: '2' } })),
  put(`${MAPS}/none`, map('none')),
  merge(`${MAPS}/a`, { data: { y: '1' } }),
  merge(`${MAPS}/a`, { data: { y: '1' } }),
  merge(`${MAPS}/a?dryRun=All&fieldManager=z`, { metadata: { annotations: { a: 'b' } } }),
  patch(`${MAPS}/a`, 'strategic-merge-patch+json', { data: { y: null } }),
  patch(`${MAPS}/a`, 'json-patch+json', [{ op: 'add', path: '/data/z', value: '1' }]),
  apply(`${MAPS}/a?fieldManager=f&force=true`, map('a', { data: { x: '9' } })),
  apply(`${MAPS}/applied?fieldManager=f`, map('applied', { data: { x: '9' } })),
  apply(`${MAPS}/applied?fieldManager=f`, map('applied')),
  merge(`${MAPS}/a`, { metadata: { finalizers: ['example.com/hold'] } }),
  remove(`${MAPS}/a?gracePeriodSeconds=3&propagationPolicy=Background`),
  merge(`${MAPS}/a`, { metadata: { finalizers: null } }),
  remove(`${MAPS}/applied`, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 1,
    preconditions: { uid: 'x' },
  }),
  remove(`${MAPS}/applied?dryRun=All`),
  remove(`${MAPS}/applied`, { dryRun: ['All'], orphanDependents: true }),
  remove(`${MAPS}/none`),
  remove(`${MAPS}?labelSelector=a%3Db&dryRun=All`),
  remove(`${MAPS}?labelSelector=a%3Db`, { propagationPolicy: 'Foreground' }),
  post(PODS, pod('p')),
  merge(`${PODS}/p`, { metadata: { labels: { a: 'b' } } }),
  merge(`${PODS}/p/status`, { status: { phase: 'Running' } }),
  patch(`${PODS}/p/ephemeralcontainers`, 'strategic-merge-patch+json', debugging),
  patch(`${PODS}/p/resize`, 'strategic-merge-patch+json', {
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
  }),
  post(`${PODS}/p/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p', annotations: { a: 'b' } },
    target: { kind: 'Node', name: 'node' },
  }),
  post(`${N}/bindings`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p' },
    target: { apiVersion: 'v1', kind: 'Node', name: 'node' },
  }),
  post(`${PODS}/p/eviction?dryRun=All`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'p' },
    deleteOptions: { gracePeriodSeconds: 2 },
  }),
  post(`${PODS}/p/eviction`, {
    apiVersion: 'policy/v1beta1',
    kind: 'Eviction',
    metadata: { name: 'p' },
  }),
  remove(`${PODS}/p?gracePeriodSeconds=0`),
  post(DEPLOYMENTS, deployment),
  ask('GET', `${DEPLOYMENTS}/d/scale`),
  put(`${DEPLOYMENTS}/d/scale`, scale(2)),
  put(`${DEPLOYMENTS}/d/scale`, scale(0)),
  merge(`${DEPLOYMENTS}/d/scale`, { spec: { replicas: 3 } }),
  apply(`${DEPLOYMENTS}/d/scale?fieldManager=f&force=true`, scale(4)),
  merge(`${DEPLOYMENTS}/d/status`, { status: { replicas: 1 } }),
  put(`${DEPLOYMENTS}/d/status`, { ...deployment, status: { replicas: 2 } }),
  remove(`${DEPLOYMENTS}/d`, { propagationPolicy: 'Orphan' }),
  remove(DEPLOYMENTS),
  post(`${N}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }] },
  }),
  merge(`${N}/services/s`, { spec: { type: 'NodePort' } }),
  remove(`${N}/services/s`),
  post(`${N}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }),
  post(`${N}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }),
  post(`${N}/events`, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { namespace: '$N' },
  }),
  post('/apis/coordination.k8s.io/v1/namespaces/$N/leases', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'l' },
  }),
  put('/apis/coordination.k8s.io/v1/namespaces/$N/leases/other', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'other' },
  }),
  post('/apis/autoscaling/v1/namespaces/$N/horizontalpodautoscalers', {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
  }),
  post('/apis/authorization.k8s.io/v1/namespaces/$N/localsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'LocalSubjectAccessReview',
    metadata: { namespace: '$N' },
    spec: { user: 'u', resourceAttributes: { namespace: '$N', verb: 'get', resource: 'pods' } },
  }),
  post(`${PODS}/p/exec?command=ls&command=-l&stdin=true`, undefined),
  post(`${PODS}/p/attach?tty=true`, undefined),
  post(`${PODS}/p/portforward?ports=1,2`, undefined),
  ask('GET', `${N}/services/s/proxy/x/y?z=1`),
  merge('/api/v1/namespaces/$N', { metadata: { annotations: { a: 'b' } } }),
  merge('/api/v1/namespaces/$N/status', { status: { conditions: null } }),
  put('/api/v1/namespaces/$N/finalize?dryRun=All', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: '$N' },
    spec: { finalizers: ['kubernetes'] },
  }),
  remove('/api/v1/namespaces/$N?dryRun=All'),
];

export const CUSTOM: readonly Step[] = [
  post(WIDGETS, widget('a')),
  merge(`${WIDGETS}/a`, { spec: { size: 4, bogus: 1 } }),
  put(`${WIDGETS}/a/scale`, { ...scale(5), metadata: { name: 'a' } }),
  merge(`${WIDGETS}/a/scale`, { spec: { replicas: 0 } }),
  merge(`${WIDGETS}/a/status`, { status: { replicas: 2 }, spec: { size: 7 } }),
  apply(`${WIDGETS}/b?fieldManager=f`, { ...widget('b'), spec: { replicas: 1 } }),
  post('/apis/$N.example.com/v1beta1/namespaces/$N/widgets', widget('c', 'v1beta1')),
  merge('/apis/$N.example.com/v1beta1/namespaces/$N/widgets/c', { spec: { size: 2 } }),
  remove('/apis/$N.example.com/v1beta1/namespaces/$N/widgets/c'),
  remove(WIDGETS),
];

const MAPS_ONLY = {
  rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
};
const rule = (more: object) => ({
  rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], ...more }],
});

/** Rules and selectors that decide which requests a webhook receives. */
const MATCHES: Readonly<Record<string, object>> = {
  scales: rule({ resources: ['*/scale'] }),
  'parts-of-pods': rule({ resources: ['pods/*'] }),
  deployments: rule({ apiGroups: ['apps'], resources: ['deployments', 'deployments/status'] }),
  extensions: rule({ apiGroups: ['extensions', 'apps'], apiVersions: ['v1beta1'] }),
  'equivalent-widgets': {
    ...rule({ apiGroups: ['$N.example.com'], apiVersions: ['v1'] }),
    matchPolicy: 'Equivalent',
  },
  'exact-widgets': { ...rule({ apiGroups: ['$N.example.com'], apiVersions: ['v1'] }), matchPolicy: 'Exact' },
  'equivalent-scalers': {
    ...rule({ apiGroups: ['autoscaling'], apiVersions: ['v2'] }),
    matchPolicy: 'Equivalent',
  },
  'cluster-scope': rule({ scope: 'Cluster', resources: ['namespaces', 'namespaces/*'] }),
  'namespaced-scope': rule({ scope: 'Namespaced', operations: ['DELETE'] }),
  creates: rule({ operations: ['CREATE'], resources: ['configmaps', 'leases'] }),
  labelled: { ...rule({}), objectSelector: { matchLabels: { a: 'b' } } },
  unlabelled: {
    ...rule({ operations: ['UPDATE'] }),
    objectSelector: { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] },
  },
  elsewhere: { ...rule({}), namespaceSelector: { matchLabels: { no: 'such' } } },
  'named-a': { ...MAPS_ONLY, matchConditions: [{ name: 'a', expression: "request.name == 'a'" }] },
  'of-deleted': {
    ...MAPS_ONLY,
    matchConditions: [
      { name: 'd', expression: "request.operation != 'DELETE' || oldObject.metadata.name != ''" },
    ],
  },
  'two-conditions': {
    ...MAPS_ONLY,
    matchConditions: [
      { name: 'x', expression: 'has(object.data) && has(object.data.x)' },
      {
        name: 'user',
        expression: "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups",
      },
    ],
  },
  'failing-condition': {
    ...MAPS_ONLY,
    failurePolicy: 'Ignore',
    matchConditions: [{ name: 'x', expression: "object.data.none == 'x'" }],
  },
  authorizing: {
    ...MAPS_ONLY,
    matchConditions: [
      {
        name: 'z',
        expression:
          "authorizer.group('').resource('configmaps').namespace(request.namespace).check('create').allowed()",
      },
      { name: 'v', expression: '!variables.none' },
    ].slice(0, 1),
  },
  options: {
    ...MAPS_ONLY,
    matchConditions: [
      {
        name: 'o',
        expression:
          "request.dryRun || (has(request.options.fieldManager) && request.options.fieldManager == 'f')",
      },
    ],
  },
};

const FEW: readonly Step[] = [
  post(MAPS, map('a', { data: { x: '1' } })),
  merge(`${MAPS}/a`, { data: { y: '1' } }),
  remove(`${MAPS}/a`),
];
const withName = (name: string, more: object) => ({ name: `${name}.example.com`, ...more });

/** Conditions that can't be evaluated, with each failure policy. */
const FAILING: readonly Step[] = ['Fail', 'Ignore'].flatMap((failurePolicy) =>
  [
    [{ name: 'x', expression: "object.data.none == 'x'" }],
    [
      { name: 'x', expression: "object.data.none == 'x'" },
      { name: 'y', expression: 'false' },
    ],
    [
      { name: 'x', expression: "object.data.none == 'x'" },
      { name: 'y', expression: "oldObject.metadata.name == 'q'" },
    ],
  ].flatMap((matchConditions) =>
    (['Mutating', 'Validating'] as const).flatMap((sort) =>
      registered(sort, [hook(sort, 'allow', { ...MAPS_ONLY, failurePolicy, matchConditions })], FEW),
    ),
  ),
);

const ANSWERS: readonly Step[] = (['Mutating', 'Validating'] as const).flatMap((sort) =>
  ['Fail', 'Ignore'].flatMap((failurePolicy) =>
    registered(
      sort,
      Object.keys(BEHAVIOURS).map((behaviour) =>
        hook(sort, behaviour, {
          ...MAPS_ONLY,
          failurePolicy,
          timeoutSeconds: behaviour === 'status-503' ? 1 : 30,
          objectSelector: { matchLabels: { asks: behaviour } },
        }),
      ),
      Object.keys(BEHAVIOURS).map((behaviour) =>
        post(`${MAPS}?dryRun=All`, {
          ...map('asks', { data: { x: '1' } }),
          metadata: { name: 'asks', labels: { asks: behaviour } },
        }),
      ),
    ),
  ),
);

const REVIEWS: readonly Step[] = [
  ...registered(
    'Mutating',
    [
      hook('Mutating', 'allow', {
        ...MAPS_ONLY,
        name: 'old.example.com',
        admissionReviewVersions: ['v1beta1'],
      }),
      hook('Mutating', 'allow', {
        ...MAPS_ONLY,
        name: 'odd.example.com',
        admissionReviewVersions: ['v2', 'v1'],
      }),
    ],
    FEW,
  ),
  ...registered(
    'Mutating',
    [
      hook('Mutating', 'label-one', { ...MAPS_ONLY, reinvocationPolicy: 'IfNeeded' }),
      hook('Mutating', 'allow', { ...MAPS_ONLY, name: 'again.example.com', reinvocationPolicy: 'IfNeeded' }),
      hook('Mutating', 'label-two', { ...MAPS_ONLY, reinvocationPolicy: 'Never' }),
    ],
    FEW,
  ),
  ...registered(
    'Validating',
    [
      hook('Validating', 'warn', { ...MAPS_ONLY }),
      hook('Validating', 'deny-message', {
        ...MAPS_ONLY,
        ...rule({ operations: ['DELETE'], resources: ['configmaps'] }),
      }),
    ],
    FEW,
  ),
  ...registered('Validating', [hook('Validating', 'warn-much', MAPS_ONLY)], FEW),
  ...registered(
    'Validating',
    [hook('Validating', 'allow', { ...MAPS_ONLY, ...withName('effects', {}), sideEffects: 'NoneOnDryRun' })],
    FEW,
  ),
  ...registered(
    'Mutating',
    [
      hook('Mutating', 'allow', {
        ...MAPS_ONLY,
        ...withName('unreachable', {}),
        clientConfig: { url: 'https://127.0.0.1:1/x' },
        failurePolicy: 'Ignore',
      }),
      hook('Mutating', 'allow', {
        ...MAPS_ONLY,
        ...withName('no-service', {}),
        clientConfig: { service: { namespace: '$N', name: 'none', path: '/p' } },
        rules: [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
      }),
    ],
    FEW,
  ),
];

/** The reviews that webhooks receive, and the effect of their responses. */
export function webhooks(): Session[] {
  const both = (['Mutating', 'Validating'] as const).map((sort) => ({
    name: `what ${sort.toLowerCase()} webhooks are asked`,
    steps: [
      post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition),
      { ...ask('GET', WIDGETS), until: 200 },
      ...registered(sort, [hook(sort, 'allow', EVERYTHING)], [...WRITES, ...CUSTOM]),
      remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.$N.example.com'),
    ],
  }));
  return [
    ...both,
    {
      name: 'which requests webhooks see',
      steps: [
        post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition),
        { ...ask('GET', WIDGETS), until: 200 },
        ...registered(
          'Validating',
          Object.entries(MATCHES).map(([name, more]) =>
            hook('Validating', name, { matchPolicy: 'Equivalent', ...more }),
          ),
          [...WRITES, ...CUSTOM],
        ),
        remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.$N.example.com'),
      ],
    },
    { name: 'conditions of webhooks that fail', steps: FAILING },
    { name: 'answers of webhooks', steps: ANSWERS },
    { name: 'reviews of webhooks', steps: REVIEWS },
  ];
}

/** Kinds with special verbs or rules: evictions, tokens, signing requests, events, claims, custom resources. */

import type { Session, Step } from '../exchange.ts';
import { get, object, PARTIAL, PARTIALS, patch, post, put, remove, TABLE } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const DRY = '?dryRun=All';
const ACCOUNTS = `${N}/serviceaccounts`;

const pod = (name: string, labels: object = {}) => ({
  ...object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'x' }] } }),
  metadata: { name, labels },
});
const eviction = (name: string, more: object = {}) => object('policy/v1', 'Eviction', name, more);
const BUDGETS = '/apis/policy/v1/namespaces/$N/poddisruptionbudgets';
const budget = (name: string, spec: object) => object('policy/v1', 'PodDisruptionBudget', name, { spec });

const EVICTIONS: readonly Step[] = [
  post(`${N}/pods`, pod('a', { app: 'x' })),
  post(`${N}/pods`, pod('b', { app: 'x' })),
  patch('merge', `${N}/pods/b/status`, {
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }),
  post(BUDGETS, budget('one', { minAvailable: 1, selector: { matchLabels: { app: 'x' } } })),
  post(`${N}/pods/b/eviction`, eviction('b')),
  patch('merge', `${BUDGETS}/one/status`, {
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      desiredHealthy: 1,
      expectedPods: 2,
    },
  }),
  post(`${N}/pods/b/eviction`, eviction('b')),
  post(`${N}/pods/b/eviction?dryRun=All`, eviction('b', { deleteOptions: { dryRun: ['All'] } })),
  post(`${N}/pods/a/eviction?dryRun=All`, eviction('a')),
  patch('merge', `${BUDGETS}/one/status`, { status: { disruptionsAllowed: 1 } }),
  post(`${N}/pods/b/eviction?dryRun=All`, eviction('b')),
  post(
    `${N}/pods/b/eviction`,
    eviction('b', { deleteOptions: { gracePeriodSeconds: 0, preconditions: { resourceVersion: '1' } } }),
  ),
  post(BUDGETS, budget('two', { maxUnavailable: '50%', selector: { matchLabels: { app: 'x' } } })),
  post(`${N}/pods/b/eviction`, eviction('b')),
  post(`${N}/pods/none/eviction`, eviction('none')),
  post(`${N}/pods/b/eviction`, object('policy/v1beta1', 'Eviction', 'b')),
  post(`${N}/pods/b/eviction`, object('v1', 'Pod', 'b')),
  ...[
    { minAvailable: 1, maxUnavailable: 1 },
    { minAvailable: -1 },
    { minAvailable: '150%' },
    { maxUnavailable: 'x' },
    { selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } },
    { unhealthyPodEvictionPolicy: 'Odd' },
  ].map((spec) => post(`${BUDGETS}${DRY}`, budget('odd', spec))),
  get(BUDGETS, TABLE),
  remove(`${BUDGETS}?labelSelector=none`),
  post(`${N}/pods/a/binding`, object('v1', 'Binding', 'a', { target: { kind: 'Node', name: 'n' } })),
  post(`${N}/pods/a/binding`, object('v1', 'Binding', 'a', { target: { name: 'n' } })),
  post(`${N}/pods/none/binding`, object('v1', 'Binding', 'none', { target: { name: 'n' } })),
  get(`${N}/pods/a`),
  patch('merge', `${N}/pods/a`, { spec: { nodeName: 'other' } }),
  patch('merge', `${N}/pods/a`, { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } }),
  patch('merge', `${N}/pods/a`, { spec: { terminationGracePeriodSeconds: 1 } }),
  patch('merge', `${N}/pods/a`, { metadata: { labels: { 'a b': 'c' }, annotations: { 'a b': 'c' } } }),
  patch('strategic', `${N}/pods/a`, { spec: { containers: [{ name: 'c', image: 'y' }] } }),
  patch('strategic', `${N}/pods/a`, { spec: { containers: [{ name: 'd', image: 'y' }] } }),
  remove(`${N}/pods/a?gracePeriodSeconds=30`),
  remove(`${N}/pods/a?gracePeriodSeconds=5`),
  get(`${N}/pods/a`),
  remove(`${N}/pods/a?gracePeriodSeconds=0`),
];

const tokenRequest = (spec: object, metadata?: object) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  ...(metadata && { metadata }),
  spec,
});
const REVIEWS = '/apis/authorization.k8s.io/v1';

const TOKENS: readonly Step[] = [
  post(ACCOUNTS, object('v1', 'ServiceAccount', 'bot')),
  ...[
    { expirationSeconds: 1 },
    { expirationSeconds: 2 ** 33 },
    { audiences: [''], boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } },
    { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'none', uid: 'x' } },
    { boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'none' } },
    { boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'none' } },
  ].map((spec) => post(`${ACCOUNTS}/bot/token`, tokenRequest(spec))),
  post(`${ACCOUNTS}/none/token`, tokenRequest({})),
  post(`${ACCOUNTS}/bot/token`, tokenRequest({}, { name: 'other' })),
  post(`${ACCOUNTS}/bot/token`, tokenRequest({}, { namespace: 'other' })),
  post(`${ACCOUNTS}/bot/token`, object('v1', 'Pod', 'x')),
  get(`${ACCOUNTS}/bot/token`),
  post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x.y.z' } }),
  post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x', audiences: ['a'] } }),
  post('/apis/authentication.k8s.io/v1/tokenreviews', { metadata: { name: 'x' }, spec: { token: 'x' } }),
  post(`${REVIEWS}/selfsubjectrulesreviews`, { spec: { namespace: 'none' } }),
  post(`${REVIEWS}/selfsubjectaccessreviews`, {
    spec: { resourceAttributes: { verb: 'get', resource: 'pods', fieldSelector: { rawSelector: 'a=b' } } },
  }),
  ...[
    { labelSelector: { rawSelector: 'a in (b' } },
    { labelSelector: { requirements: [{ key: 'a', operator: 'Odd', values: ['x'] }] } },
    { labelSelector: { rawSelector: 'a', requirements: [{ key: 'a', operator: 'Exists' }] } },
    { fieldSelector: { requirements: [{ key: 'a', operator: 'In', values: [] }] } },
  ].map((more) =>
    post(`${REVIEWS}/subjectaccessreviews`, {
      spec: { user: 'x', resourceAttributes: { verb: 'list', resource: 'pods', ...more } },
    }),
  ),
  post(`${REVIEWS}/subjectaccessreviews`, {
    spec: { user: 'x', groups: ['system:masters'], resourceAttributes: { verb: '*', resource: '*' } },
  }),
  post(`${REVIEWS}/subjectaccessreviews${DRY}`, {
    spec: {
      user: 'system:kube-scheduler',
      resourceAttributes: { verb: 'create', resource: 'pods', subresource: 'binding' },
    },
  }),
];

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const csr = (name: string, spec: object) =>
  object('certificates.k8s.io/v1', 'CertificateSigningRequest', name, { spec });
const SIGNING: readonly Step[] = [
  ...[
    {},
    { request: 'eA==', signerName: 'example.com/x', usages: ['client auth'] },
    { request: 'eA==', signerName: 'odd', usages: ['odd', 'client auth', 'client auth'] },
    { signerName: 'kubernetes.io/legacy-unknown', usages: ['client auth'], request: 'eA==' },
    { signerName: 'example.com/x', usages: [], request: 'eA==', expirationSeconds: 1 },
  ].map((spec) => post(`${CSRS}${DRY}`, csr('$N', spec))),
  get(`${CSRS}/none/approval`),
  put(`${CSRS}/none/approval`, csr('none', {})),
];

const EVENT = (name: string, more: object) => ({ ...object('v1', 'Event', name), ...more });
const NEW_EVENTS = '/apis/events.k8s.io/v1/namespaces/$N/events';
const newEvent = (name: string, more: object) => ({
  ...object('events.k8s.io/v1', 'Event', name),
  eventTime: '2020-01-01T00:00:00.000000Z',
  reportingController: 'example.com/x',
  reportingInstance: 'i',
  action: 'Act',
  reason: 'Reason',
  type: 'Normal',
  note: 'note',
  regarding: { kind: 'Pod', name: 'p', namespace: '$N' },
  ...more,
});
const EVENTS: readonly Step[] = [
  post(NEW_EVENTS, newEvent('a', {})),
  get(`${N}/events/a`),
  get(`${N}/events?fieldSelector=reason%3DReason,involvedObject.kind%3DPod`, TABLE),
  get(`${NEW_EVENTS}?fieldSelector=regarding.kind%3DPod`, TABLE),
  get(`${NEW_EVENTS}?fieldSelector=involvedObject.kind%3DPod`),
  patch('merge', `${NEW_EVENTS}/a`, {
    series: { count: 2, lastObservedTime: '2020-01-01T00:00:01.000000Z' },
  }),
  patch('merge', `${NEW_EVENTS}/a`, { reason: 'Other' }),
  patch('strategic', `${N}/events/a`, { count: 3 }),
  ...[
    { eventTime: null },
    { reportingController: 'a b', reportingInstance: '' },
    { action: '', reason: '' },
    { type: 'Odd' },
    { note: 'x'.repeat(1025) },
    { regarding: { namespace: 'other' } },
    { series: { count: 1 } },
    { deprecatedCount: 1 },
  ].map((more) => post(`${NEW_EVENTS}${DRY}`, newEvent('b', more))),
  ...[
    {},
    { involvedObject: { namespace: 'other', kind: 'Pod', name: 'x' } },
    { involvedObject: { namespace: '$N', kind: 'Node', name: 'x' } },
    {
      involvedObject: { kind: 'Node', name: 'x' },
      reportingComponent: 'a',
      eventTime: '2020-01-01T00:00:00Z',
    },
  ].map((more) => post(`${N}/events${DRY}`, EVENT('c', more))),
  remove(`${NEW_EVENTS}?fieldSelector=reason%3DNone`),
];

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/$N/leases';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/$N/endpointslices';
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/$N/networkpolicies';
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/$N/ingresses';
const CLAIMS = '/apis/resource.k8s.io/v1/namespaces/$N/resourceclaims';
const slice = (more: object) => ({
  ...object('discovery.k8s.io/v1', 'EndpointSlice', 's'),
  addressType: 'IPv4',
  ...more,
});
const claim = (spec: object) => object('resource.k8s.io/v1', 'ResourceClaim', 'c', { spec });
const request = (more: object) => ({
  devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'a', ...more } }] },
});

const NETWORKS: readonly Step[] = [
  ...[
    {},
    { leaseDurationSeconds: 0, leaseTransitions: -1 },
    { holderIdentity: '', leaseDurationSeconds: 5 },
    { strategy: 'Odd', preferredHolder: 'x' },
    { renewTime: '2020-01-01T00:00:00Z', acquireTime: 'x' },
  ].map((spec) => post(`${LEASES}${DRY}`, object('coordination.k8s.io/v1', 'Lease', 'l', { spec }))),
  ...[
    { endpoints: [{ addresses: [] }] },
    { endpoints: [{ addresses: ['::1'] }] },
    { endpoints: [{ addresses: ['1.2.3.4', '1.2.3.4'], hostname: 'A_b', nodeName: 'x y' }] },
    { endpoints: [{ addresses: ['1.2.3.4'], hints: { forZones: [{ name: '' }] }, zone: 'z' }] },
    { addressType: 'FQDN', endpoints: [{ addresses: ['a b'] }] },
    { addressType: 'Odd' },
    {
      ports: [
        { name: 'A', port: 0 },
        { name: 'A', protocol: 'x' },
      ],
    },
    { ports: [{ appProtocol: 'a b', port: 70000 }] },
    { endpoints: [{ addresses: ['01.2.3.4'], deprecatedTopology: { a: 'b' } }] },
  ].map((more) => post(`${SLICES}${DRY}`, slice(more))),
  ...[
    {},
    { podSelector: {}, policyTypes: ['Odd', 'Ingress', 'Egress'] },
    { podSelector: {}, ingress: [{ from: [{}] }] },
    { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/33' } }] }] },
    { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['11.0.0.0/8'] } }] }] },
    {
      podSelector: {},
      egress: [{ ports: [{ port: 'A_b', endPort: 5 }, { port: 10, endPort: 5 }, { endPort: 5 }] }],
    },
    { podSelector: {}, egress: [{ ports: [{ protocol: 'ODD', port: 0 }] }] },
  ].map((spec) => post(`${POLICIES}${DRY}`, object('networking.k8s.io/v1', 'NetworkPolicy', 'p', { spec }))),
  ...[
    {},
    { defaultBackend: { service: { name: 'a' } } },
    {
      defaultBackend: {
        service: { name: 'a', port: { name: 'b', number: 1 } },
        resource: { kind: 'x', name: 'y' },
      },
    },
    { rules: [{ host: '*.a.b', http: { paths: [{ path: 'a', backend: {} }] } }] },
    {
      rules: [
        {
          host: '1.2.3.4',
          http: {
            paths: [
              { path: '/a', pathType: 'Odd', backend: { service: { name: 'a', port: { number: 1 } } } },
            ],
          },
        },
      ],
    },
    { rules: [{ host: 'A..b', http: { paths: [] } }] },
    { ingressClassName: 'a b', tls: [{ hosts: ['*'], secretName: 'A' }] },
  ].map((spec) => post(`${INGRESSES}${DRY}`, object('networking.k8s.io/v1', 'Ingress', 'i', { spec }))),
  ...[
    {},
    { devices: { requests: [] } },
    { devices: { requests: [{ name: 'A b' }] } },
    request({}),
    request({ allocationMode: 'Odd', count: -1 }),
    request({ allocationMode: 'All', count: 2, adminAccess: true }),
    request({ selectors: [{ cel: { expression: '1' } }] }),
    request({ selectors: [{ cel: { expression: "device.attributes['x'].y == 'z'" } }] }),
    { devices: { ...request({}).devices, constraints: [{ requests: ['none'], matchAttribute: 'x' }] } },
    {
      devices: {
        ...request({}).devices,
        config: [{ requests: ['r'], opaque: { driver: '', parameters: 1 } }],
      },
    },
  ].map((spec) => post(`${CLAIMS}${DRY}`, claim(spec))),
  post(CLAIMS, claim(request({}))),
  get(CLAIMS, TABLE),
  patch('merge', `${CLAIMS}/c`, { spec: { devices: null } }),
  patch('merge', `${CLAIMS}/c/status`, {
    status: { reservedFor: [{ resource: 'pods', name: 'p', uid: 'x' }] },
  }),
  patch('merge', `${CLAIMS}/c/status`, {
    status: { allocation: { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'v' }] } } },
  }),
  patch('merge', `${CLAIMS}/c/status`, {
    status: {
      reservedFor: [
        { resource: 'pods', name: 'p', uid: 'x' },
        { resource: 'pods', name: 'q', uid: 'x' },
      ],
    },
  }),
  get(`${CLAIMS}/c`),
  remove(`${CLAIMS}/c`),
];

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/$N.example.com/v1/namespaces/$N/widgets';
const OLD_WIDGETS = WIDGETS.replace('/v1/', '/v1beta1/');
const spec = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 1, minimum: 0 },
    colour: { type: 'string', enum: ['red', 'green'] },
    when: { type: 'string', format: 'date-time' },
    parts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, n: { type: 'integer' } },
        required: ['name'],
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-validations': [
    {
      rule: '!has(oldSelf.colour) || self.colour == oldSelf.colour',
      message: 'colour stays',
      optionalOldSelf: false,
    },
  ],
};
const schema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec,
      status: {
        type: 'object',
        properties: {
          replicas: { type: 'integer' },
          phase: { type: 'string' },
          selector: { type: 'string' },
        },
      },
    },
  },
};
const version = (name: string, more: object) => ({ name, served: true, storage: false, schema, ...more });
const widget = (name: string, of: object = {}, more: object = {}) =>
  object('$N.example.com/v1', 'Widget', name, { spec: of, ...more });
const CUSTOM: readonly Step[] = [
  {
    ...post(
      CRDS,
      object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.$N.example.com', {
        spec: {
          group: '$N.example.com',
          scope: 'Namespaced',
          names: {
            plural: 'widgets',
            singular: 'widget',
            kind: 'Widget',
            shortNames: ['wd'],
            categories: ['all'],
          },
          versions: [
            version('v1', {
              storage: true,
              subresources: {
                status: {},
                scale: {
                  specReplicasPath: '.spec.size',
                  statusReplicasPath: '.status.replicas',
                  labelSelectorPath: '.status.selector',
                },
              },
              selectableFields: [{ jsonPath: '.spec.colour' }],
              additionalPrinterColumns: [
                { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
                { name: 'Colour', type: 'string', jsonPath: '.spec.colour', priority: 1 },
                { name: 'When', type: 'date', jsonPath: '.spec.when' },
                { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
              ],
            }),
            // kube-apiserver doesn't support selectable fields if all versions share one schema.
            version('v1beta1', {
              schema: { openAPIV3Schema: { ...schema.openAPIV3Schema, description: 'Of before.' } },
              deprecated: true,
              deprecationWarning: 'use v1',
            }),
          ],
        },
      }),
    ),
    settles: `${CRDS}/widgets.$N.example.com`,
  },
  { ...get(WIDGETS), until: 200 },
  post(WIDGETS, widget('a', { colour: 'red', parts: [{ name: 'x', n: 1 }], free: { any: [1, null] } })),
  post(WIDGETS, widget('a')),
  get(`${OLD_WIDGETS}/a`),
  get(`${OLD_WIDGETS}/a/scale`),
  get(WIDGETS, TABLE),
  get(`${WIDGETS}/a`, PARTIAL),
  get(WIDGETS, PARTIALS),
  get(`${WIDGETS}/a`, `${TABLE},application/json`),
  get(`${WIDGETS}/a`, 'application/vnd.kubernetes.protobuf'),
  get(`${WIDGETS}/a`, 'application/yaml'),
  get(`${WIDGETS}?fieldSelector=spec.colour%3Dred`),
  get(`${WIDGETS}?fieldSelector=spec.colour%21%3Dred`),
  get(`${OLD_WIDGETS}?fieldSelector=spec.colour%3Dred`),
  ...['Ignore', 'Warn', 'Strict'].flatMap((level) => [
    post(`${WIDGETS}?dryRun=All&fieldValidation=${level}`, widget('b', { nope: 1 }, { extra: true })),
    {
      method: 'POST',
      path: `${WIDGETS}?dryRun=All&fieldValidation=${level}`,
      headers: { 'content-type': 'application/yaml' },
      body: 'apiVersion: $N.example.com/v1\nkind: Widget\nmetadata: {name: b}\nspec: {size: 2, size: 3, nope: 1}\n',
    },
    patch('merge', `${WIDGETS}/a?dryRun=All&fieldValidation=${level}`, {
      spec: { nope: 1 },
      metadata: { odd: 1 },
    }),
    patch('json', `${WIDGETS}/a?dryRun=All&fieldValidation=${level}`, [
      { op: 'add', path: '/spec/nope', value: 1 },
    ]),
    patch(
      'apply',
      `${WIDGETS}/a?dryRun=All&fieldManager=f&fieldValidation=${level}`,
      widget('a', { nope: 1 }),
    ),
  ]),
  ...[
    { size: -1 },
    { size: 1.5 },
    { size: 'x' },
    { colour: 'blue' },
    { when: 'yesterday' },
    { parts: [{ n: 1 }] },
    { parts: [{ name: 'x' }, { name: 'x' }] },
    { parts: {} },
    { size: null, colour: null },
  ].flatMap((of) => [
    post(`${WIDGETS}${DRY}`, widget('b', of)),
    patch('merge', `${WIDGETS}/a${DRY}`, { spec: of }),
  ]),
  patch('merge', `${WIDGETS}/a`, { spec: { colour: 'green' } }),
  patch('apply', `${WIDGETS}/a?fieldManager=one`, widget('a', { parts: [{ name: 'y', n: 1 }] })),
  patch('apply', `${WIDGETS}/a?fieldManager=two`, widget('a', { parts: [{ name: 'y', n: 2 }] })),
  patch('apply', `${WIDGETS}/a?fieldManager=two&force=true`, widget('a', { parts: [{ name: 'y', n: 2 }] })),
  patch('apply', `${WIDGETS}/a?fieldManager=one`, widget('a', {})),
  patch('apply', `${OLD_WIDGETS}/a?fieldManager=old`, {
    ...widget('a', { size: 9 }),
    apiVersion: '$N.example.com/v1beta1',
  }),
  patch('merge', `${WIDGETS}/a/status?fieldManager=s`, {
    status: { replicas: 2, selector: 'a=b', phase: 'x' },
    spec: { size: 99 },
  }),
  patch('apply', `${WIDGETS}/a/status?fieldManager=s`, widget('a', {}, { status: { phase: 'y' } })),
  get(`${WIDGETS}/a/scale`),
  put(`${WIDGETS}/a/scale`, object('autoscaling/v1', 'Scale', 'a', { spec: { replicas: 3 } })),
  put(`${WIDGETS}/a/scale`, object('autoscaling/v1', 'Scale', 'a', { spec: { replicas: -3 } })),
  patch('merge', `${WIDGETS}/a/scale?fieldManager=sc`, { spec: { replicas: 4 } }),
  patch('json', `${WIDGETS}/a/scale`, [{ op: 'replace', path: '/spec/replicas', value: 5 }]),
  get(`${WIDGETS}/a`),
  get(
    `${WIDGETS}?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
  ),
  { ...get(`${WIDGETS}?watch=1&timeoutSeconds=1`), headers: { accept: `${TABLE}` } },
  put(`${WIDGETS}/a`, widget('a', { colour: 'red' })),
  remove(`${WIDGETS}?fieldSelector=spec.colour%3Dgreen`),
  remove(`${WIDGETS}?propagationPolicy=Foreground&dryRun=All`),
  remove(`${WIDGETS}/a?propagationPolicy=Orphan`),
  get(`${WIDGETS}/a`),
  get('/apis/$N.example.com'),
  get('/apis/$N.example.com/v1'),
  get('/apis/$N.example.com/v1beta1'),
  remove(`${CRDS}/widgets.$N.example.com`),
];

const OPTIONS_OF_EVICTIONS = [
  {},
  { propagationPolicy: 'Odd' },
  { propagationPolicy: 'Foreground' },
  { propagationPolicy: 'Orphan', orphanDependents: true },
  { orphanDependents: false },
  { dryRun: ['Some'] },
  { dryRun: ['All', 'All'] },
  { gracePeriodSeconds: -1 },
  { preconditions: { uid: 'other' } },
  { ignoreStoreReadErrorWithClusterBreakingPotential: true },
  { ignoreStoreReadErrorWithClusterBreakingPotential: false },
];
const LOG_QUERIES = [
  'sinceTime=x',
  'sinceTime=2026-01-01',
  'sinceTime=2026-01-01T00:00:00Z',
  'sinceTime=2026-01-01T25:00:00Z',
  'sinceTime=null',
  'sinceTime=',
  'sinceTime=2026-01-01T00:00:00Z&sinceSeconds=1',
  'sinceSeconds=x',
  'sinceSeconds=0',
  'tailLines=-1',
  'limitBytes=0',
  'container=none',
  'stream=Odd',
  'previous=maybe',
  'follow=maybe',
];
const OPTIONS: readonly Step[] = [
  post(`${N}/pods`, pod('a', { app: 'x' })),
  ...OPTIONS_OF_EVICTIONS.flatMap((deleteOptions) => [
    post(`${N}/pods/a/eviction?dryRun=All`, eviction('a', { deleteOptions })),
    post(`${N}/pods/none/eviction?dryRun=All`, eviction('none', { deleteOptions })),
  ]),
  post(`${N}/pods/a/eviction`, eviction('a', { deleteOptions: { dryRun: ['Some'] } })),
  post(`${N}/pods/a/eviction`, eviction('a', { deleteOptions: { propagationPolicy: 'Odd' } })),
  ...LOG_QUERIES.flatMap((query) => [get(`${N}/pods/a/log?${query}`), get(`${N}/pods/none/log?${query}`)]),
];

export function specialKinds(): Session[] {
  return [
    { name: 'options of evictions and logs', steps: OPTIONS },
    { name: 'evictions and bindings', steps: EVICTIONS },
    { name: 'tokens and reviews', steps: TOKENS },
    { name: 'signing requests', steps: SIGNING },
    { name: 'events of both groups', steps: EVENTS },
    { name: 'networks, leases, claims', steps: NETWORKS },
    { name: 'a custom resource in two versions', steps: CUSTOM },
  ];
}

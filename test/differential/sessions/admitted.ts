/** Built-in admission: quotas, limits, Pod Security, priorities, policies with parameters. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const PODS = `${N}/pods`;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/$N/deployments';
const DRY = '?dryRun=All';
const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  ...object('v1', 'Pod', name),
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
});
const container = (resources: object, more: object = {}) => ({
  containers: [{ name: 'c', image: 'x', resources, ...more }],
});
const quota = (name: string, spec: object) => object('v1', 'ResourceQuota', name, { spec });
const limits = (name: string, ...entries: object[]) =>
  object('v1', 'LimitRange', name, { spec: { limits: entries } });

const QUOTAS: readonly Step[] = [
  post(
    `${N}/resourcequotas`,
    quota('pods', { hard: { pods: '1', 'requests.cpu': '1', 'limits.memory': '1Gi' } }),
  ),
  put(`${N}/resourcequotas/pods/status`, {
    ...quota('pods', { hard: { pods: '1', 'requests.cpu': '1', 'limits.memory': '1Gi' } }),
    status: {
      hard: { pods: '1', 'requests.cpu': '1', 'limits.memory': '1Gi' },
      used: { pods: '0', 'requests.cpu': '0', 'limits.memory': '0' },
    },
  }),
  post(`${PODS}${DRY}`, pod('a')),
  post(`${PODS}${DRY}`, pod('a', container({ requests: { cpu: '2' }, limits: { memory: '1Mi' } }))),
  post(`${PODS}${DRY}`, pod('a', container({ requests: { cpu: '2' }, limits: { memory: '2Gi' } }))),
  post(`${PODS}${DRY}`, pod('a', container({ limits: { cpu: '500m', memory: '2Gi' } }))),
  post(PODS, pod('a', container({ requests: { cpu: '500m' }, limits: { memory: '1Mi' } }))),
  get(`${N}/resourcequotas/pods`),
  get(`${N}/resourcequotas`, TABLE),
  post(PODS, pod('b', container({ requests: { cpu: '500m' }, limits: { memory: '1Mi' } }))),
  post(`${N}/resourcequotas`, quota('scoped', { hard: { pods: '0' }, scopes: ['BestEffort'] })),
  post(`${N}/resourcequotas`, quota('odd', { hard: { 'count/x': '-1', a: '1', 'requests.storage': 'x' } })),
  post(
    `${N}/resourcequotas`,
    quota('odd', { hard: { 'count/x': '-1', a: '1' }, scopes: ['Odd', 'BestEffort', 'NotBestEffort'] }),
  ),
  post(
    `${N}/resourcequotas`,
    quota('maps', {
      hard: {
        'count/configmaps': '1',
        'services.nodeports': '0',
        services: '1',
        'count/deployments.apps': '0',
      },
    }),
  ),
  put(`${N}/resourcequotas/maps/status`, {
    ...quota('maps', {}),
    status: {
      hard: {
        'count/configmaps': '1',
        'services.nodeports': '0',
        services: '1',
        'count/deployments.apps': '0',
      },
      used: {
        'count/configmaps': '0',
        'services.nodeports': '0',
        services: '0',
        'count/deployments.apps': '0',
      },
    },
  }),
  post(`${N}/configmaps`, object('v1', 'ConfigMap', 'a')),
  post(`${N}/configmaps`, object('v1', 'ConfigMap', 'b')),
  post(`${N}/services`, object('v1', 'Service', 'a', { spec: { type: 'NodePort', ports: [{ port: 1 }] } })),
  post(`${N}/services`, object('v1', 'Service', 'a', { spec: { ports: [{ port: 1 }] } })),
  patch('merge', `${N}/services/a`, { spec: { type: 'LoadBalancer' } }),
  post(`${N}/services`, object('v1', 'Service', 'b', { spec: { ports: [{ port: 1 }] } })),
  post(
    DEPLOYMENTS,
    object('apps/v1', 'Deployment', 'd', {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: container({}) },
      },
    }),
  ),
  get(`${N}/resourcequotas/maps`),
  remove(`${N}/configmaps/a`),
  remove(`${N}/resourcequotas/maps`),
];

const LIMITS: readonly Step[] = [
  post(
    `${N}/limitranges`,
    limits(
      'a',
      {
        type: 'Container',
        default: { cpu: '500m', memory: '128Mi' },
        defaultRequest: { cpu: '100m' },
        max: { cpu: '1' },
        min: { cpu: '50m', memory: '16Mi' },
        maxLimitRequestRatio: { cpu: '4' },
      },
      { type: 'Pod', max: { memory: '256Mi' } },
      { type: 'PersistentVolumeClaim', max: { storage: '1Gi' }, min: { storage: '1Mi' } },
    ),
  ),
  post(PODS, pod('a')),
  post(`${PODS}${DRY}`, pod('b', container({ limits: { cpu: '2' } }))),
  post(`${PODS}${DRY}`, pod('b', container({ requests: { cpu: '10m' }, limits: { cpu: '20m' } }))),
  post(`${PODS}${DRY}`, pod('b', container({ requests: { cpu: '100m' }, limits: { cpu: '1' } }))),
  post(`${PODS}${DRY}`, pod('b', container({ limits: { memory: '8Mi' } }))),
  post(`${PODS}${DRY}`, pod('b', container({ limits: { memory: '1Gi' } }))),
  post(`${PODS}${DRY}`, pod('b', { ...container({}), initContainers: [{ name: 'i', image: 'x' }] })),
  post(
    `${PODS}${DRY}`,
    pod('b', {
      containers: ['a', 'b', 'c'].map((name) => ({ name, image: 'x' })),
    }),
  ),
  ...['1Ki', '2Gi', '1Gi'].map((storage) =>
    post(
      `${N}/persistentvolumeclaims${DRY}`,
      object('v1', 'PersistentVolumeClaim', 'c', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      }),
    ),
  ),
  post(`${N}/limitranges${DRY}`, limits('b', { type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } })),
  post(`${N}/limitranges${DRY}`, limits('b', { type: 'Pod', default: { cpu: '1' } })),
  post(`${N}/limitranges${DRY}`, limits('b', { type: 'Odd', default: { cpu: '1' } })),
  post(
    `${N}/limitranges${DRY}`,
    limits('b', { type: 'PersistentVolumeClaim' }, { type: 'PersistentVolumeClaim' }),
  ),
  post(
    `${N}/limitranges${DRY}`,
    limits('b', {
      type: 'Container',
      defaultRequest: { cpu: '3' },
      default: { cpu: '2' },
      maxLimitRequestRatio: { cpu: '500m' },
    }),
  ),
  patch('strategic', `${PODS}/a/resize`, {
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '2' }, limits: { cpu: '2' } } }] },
  }),
];

const SECURITY = 'pod-security.kubernetes.io';
const LEVELS: readonly Step[] = [
  patch('merge', N, {
    metadata: { labels: { [`${SECURITY}/enforce`]: 'odd', [`${SECURITY}/warn-version`]: 'v2' } },
  }),
  post(
    PODS,
    pod('early', {
      hostNetwork: true,
      containers: [{ name: 'c', image: 'x', ports: [{ hostPort: 80, containerPort: 80 }] }],
    }),
  ),
  patch('merge', N, {
    metadata: {
      labels: {
        [`${SECURITY}/enforce`]: 'baseline',
        [`${SECURITY}/warn`]: 'restricted',
        [`${SECURITY}/audit`]: 'restricted',
        [`${SECURITY}/audit-version`]: 'v1.20',
      },
    },
  }),
  ...[
    {},
    { hostNetwork: true },
    { hostPID: true, hostIPC: true },
    { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    { securityContext: { runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } } },
    { securityContext: { seLinuxOptions: { user: 'x', type: 'odd' } } },
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    container({}, { securityContext: { privileged: true } }),
    container({}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
    container({}, { securityContext: { procMount: 'Unmasked' } }),
    container({}, { ports: [{ containerPort: 80, hostPort: 80 }] }),
    container({}, { lifecycle: { postStart: { httpGet: { port: 80, host: '1.2.3.4' } } } }),
    {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      ...container(
        {},
        { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
      ),
    },
    { os: { name: 'windows' }, securityContext: { windowsOptions: { hostProcess: true } } },
  ].map((spec) => post(`${PODS}${DRY}`, pod('p', spec))),
  post(
    `${DEPLOYMENTS}${DRY}`,
    object('apps/v1', 'Deployment', 'd', {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { hostNetwork: true, ...container({}) } },
      },
    }),
  ),
  post(
    `/apis/batch/v1/namespaces/$N/cronjobs${DRY}`,
    object('batch/v1', 'CronJob', 'c', {
      spec: {
        schedule: '* * * * *',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', hostPID: true, ...container({}) } } },
        },
      },
    }),
  ),
];

const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses';
const PRIORITIES: readonly Step[] = [
  ...['system-cluster-critical', 'system-node-critical', 'none'].map((priorityClassName) =>
    post(`${PODS}${DRY}`, pod('p', { priorityClassName })),
  ),
  post(`${PODS}${DRY}`, pod('p', { priority: 5 })),
  post(CLASSES, {
    ...object('scheduling.k8s.io/v1', 'PriorityClass', '$N'),
    value: 7,
    preemptionPolicy: 'Never',
  }),
  post(`${PODS}${DRY}`, pod('p', { priorityClassName: '$N' })),
  post(`${PODS}${DRY}`, pod('p', { priorityClassName: '$N', priority: 8 })),
  post(`${PODS}${DRY}`, pod('p', { priorityClassName: '$N', preemptionPolicy: 'PreemptLowerPriority' })),
  post(PODS, pod('q', { priorityClassName: '$N' })),
  patch('merge', `${PODS}/q`, { spec: { priorityClassName: 'other' } }),
  patch('merge', `${CLASSES}/$N`, { value: 8 }),
  patch('merge', `${CLASSES}/$N`, { preemptionPolicy: 'PreemptLowerPriority' }),
  patch('merge', `${CLASSES}/$N`, { description: 'x', globalDefault: false }),
  post(CLASSES, { ...object('scheduling.k8s.io/v1', 'PriorityClass', '$N-high'), value: 2_000_000_000 }),
  post(CLASSES, { ...object('scheduling.k8s.io/v1', 'PriorityClass', 'system-$N'), value: 1 }),
  post(CLASSES, {
    ...object('scheduling.k8s.io/v1', 'PriorityClass', '$N-odd'),
    value: 1,
    preemptionPolicy: 'Odd',
  }),
  get(CLASSES.concat('/$N'), TABLE),
  remove(`${CLASSES}/$N`),
  post(
    `${PODS}${DRY}`,
    pod('t', { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }] }),
  ),
  post(`${PODS}${DRY}`, pod('r', { runtimeClassName: 'none' })),
  post(`${PODS}${DRY}`, pod('s', { serviceAccountName: 'none' })),
  post(`${PODS}${DRY}`, pod('s', { automountServiceAccountToken: false })),
];

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const rules = (resources: readonly string[], operations: readonly string[] = ['CREATE', 'UPDATE']) => ({
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources }],
});
const policy = (name: string, spec: object) =>
  object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', name, { spec });
const binding = (name: string, spec: object) =>
  object('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', name, {
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$N' } } },
      ...spec,
    },
  });
const map = (name: string, data: object = {}, labels: object = {}) => ({
  ...object('v1', 'ConfigMap', name),
  metadata: { name, labels },
  data,
});

const POLICIES: readonly Step[] = [
  post(`${N}/configmaps`, map('limits', { most: '3' }, { params: 'yes' })),
  post(
    `${ADMISSION}/validatingadmissionpolicies`,
    policy('$N', {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: rules(['configmaps']),
      matchConditions: [{ name: 'named', expression: "object.metadata.name.startsWith('c')" }],
      variables: [{ name: 'size', expression: 'has(object.data) ? size(object.data) : 0' }],
      validations: [
        {
          expression: 'variables.size <= int(params.data.most)',
          messageExpression: "'at most ' + params.data.most + ', not ' + string(variables.size)",
          reason: 'RequestEntityTooLarge',
        },
        { expression: "!('bad' in object.data)", message: 'bad' },
      ],
      auditAnnotations: [{ key: 'size', valueExpression: "'is ' + string(variables.size)" }],
    }),
  ),
  post(
    `${ADMISSION}/validatingadmissionpolicybindings`,
    binding('$N', {
      validationActions: ['Deny', 'Audit'],
      paramRef: { name: 'limits', namespace: '$N', parameterNotFoundAction: 'Deny' },
    }),
  ),
  { ...post(`${N}/configmaps${DRY}`, map('c', { a: '1', b: '2', c: '3', d: '4' })), until: 413 },
  post(`${N}/configmaps${DRY}`, map('c', { bad: '1' })),
  post(`${N}/configmaps${DRY}`, map('d', { bad: '1' })),
  post(`${N}/configmaps${DRY}`, map('c')),
  post(`${N}/configmaps${DRY}`, map('c', { a: '1' })),
  patch('merge', `${ADMISSION}/validatingadmissionpolicybindings/$N`, {
    spec: { validationActions: ['Warn', 'Deny'] },
  }),
  patch('merge', `${ADMISSION}/validatingadmissionpolicybindings/$N`, {
    spec: { validationActions: ['Odd'] },
  }),
  remove(`${ADMISSION}/validatingadmissionpolicybindings/$N`),
  remove(`${ADMISSION}/validatingadmissionpolicies/$N`),
  ...[
    { validations: [] },
    { validations: [{ expression: '' }] },
    { validations: [{ expression: '1 + 1' }] },
    { validations: [{ expression: 'object.nope.x == params.y' }] },
    { validations: [{ expression: 'true', message: 'a\nb', reason: 'Odd' }] },
    { validations: [{ expression: 'true', messageExpression: '1' }] },
    {
      validations: [{ expression: 'true' }],
      failurePolicy: 'Odd',
      paramKind: { apiVersion: 'x/y/z', kind: '' },
    },
    { validations: [{ expression: 'true' }], matchConditions: [{ name: 'a b', expression: '1' }] },
    { validations: [{ expression: 'true' }], variables: [{ name: '1a', expression: 'x' }] },
    { auditAnnotations: [{ key: '', valueExpression: '' }] },
    { validations: [{ expression: "authorizer.group('').resource('pods').check('get').allowed()" }] },
    { validations: [{ expression: 'namespaceObject.metadata.name == request.namespace' }] },
  ].map((spec) =>
    post(
      `${ADMISSION}/validatingadmissionpolicies${DRY}`,
      policy('odd', { matchConstraints: rules(['configmaps']), ...spec }),
    ),
  ),
];

const MUTATING: readonly Step[] = [
  post(
    `${ADMISSION}/mutatingadmissionpolicies`,
    object('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', '$N', {
      spec: {
        matchConstraints: rules(['configmaps']),
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'by': 'policy'}}}" },
          },
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/data', value: {'a': 'b'}}]" },
          },
        ],
      },
    }),
  ),
  post(
    `${ADMISSION}/mutatingadmissionpolicybindings`,
    object('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', '$N', {
      spec: {
        policyName: '$N',
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$N' } } },
      },
    }),
  ),
  get(`${ADMISSION}/mutatingadmissionpolicies/$N`),
  get(`${ADMISSION}/mutatingadmissionpolicies/$N`, TABLE),
  remove(`${ADMISSION}/mutatingadmissionpolicybindings/$N`),
  remove(`${ADMISSION}/mutatingadmissionpolicies/$N`),
  ...[
    { mutations: [] },
    { mutations: [{ patchType: 'Odd' }] },
    { mutations: [{ patchType: 'JSONPatch' }] },
    { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '1' } }] },
    {
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{nope: 1}' } }],
    },
  ].map((spec) =>
    post(
      `${ADMISSION}/mutatingadmissionpolicies${DRY}`,
      object('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', 'odd', {
        spec: { matchConstraints: rules(['configmaps']), reinvocationPolicy: 'Never', ...spec },
      }),
    ),
  ),
];

export function admitted(): Session[] {
  return [
    { name: 'quotas', steps: QUOTAS },
    { name: 'limits', steps: LIMITS },
    { name: 'Pod Security levels', steps: LEVELS },
    { name: 'priorities', steps: PRIORITIES },
    { name: 'policies with parameters', steps: POLICIES },
    { name: 'mutating policies', steps: MUTATING },
  ];
}

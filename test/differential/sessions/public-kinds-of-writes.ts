/** A dozen cases or more for each kind of fault in writes, lists and watches that users have reported. */

import type { Session, Step } from '../exchange.ts';
import { N, of, pod, served, struct } from './public-kinds.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const GROUP = '$N.example.com';
const DRY = 'dryRun=All';
const template = (spec: object = {}, metadata: object = { labels: { a: 'b' } }) => ({
  metadata,
  spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
});

/** Pod specs that are warned of, and some that nearly are. */
const WARNED: readonly object[] = [
  { nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } },
  { nodeSelector: { 'failure-domain.beta.kubernetes.io/zone': 'z' } },
  { nodeSelector: { 'kubernetes.io/os': 'linux' } },
  {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            preference: {
              matchExpressions: [{ key: 'beta.kubernetes.io/instance-type', operator: 'Exists' }],
            },
          },
        ],
      },
    },
  },
  {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'failure-domain.beta.kubernetes.io/region',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: {} },
      },
    ],
  },
  { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway' }] },
  {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
      },
    },
  },
  { hostAliases: [{ ip: '1.2.3.4' }, { ip: '1.2.3.4', hostnames: ['a'] }] },
  { hostAliases: [{ ip: '010.1.1.1', hostnames: ['a'] }] },
  { imagePullSecrets: [{}, { name: 'a' }, { name: 'a' }] },
  { volumes: [{ name: 'v', glusterfs: { endpoints: 'e', path: 'p' } }] },
  { volumes: [{ name: 'v', rbd: { monitors: ['m'], image: 'i' } }] },
  { volumes: [{ name: 'v', cephfs: { monitors: ['m'] } }] },
  { volumes: [{ name: 'v', storageos: { volumeName: 'v' } }] },
  {
    volumes: [
      { name: 'v', scaleIO: { gateway: 'g', system: 's', secretRef: { name: 's' }, volumeName: 'v' } },
    ],
  },
  {
    volumes: [
      {
        name: 'v',
        projected: {
          sources: [
            { configMap: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
            { secret: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
          ],
        },
      },
    ],
  },
  { volumes: [{ name: 'v', emptyDir: { sizeLimit: '100m' } }] },
  { containers: [{ name: 'c', image: 'x', resources: { requests: { memory: '100m' } } }] },
  { containers: [{ name: 'c', image: 'x', resources: { limits: { 'ephemeral-storage': '1500m' } } }] },
  {
    containers: [
      {
        name: 'c',
        image: 'x',
        env: [
          { name: 'a.b', value: '1' },
          { name: 'a.b', value: '$(a.b)' },
        ],
      },
    ],
  },
  {
    containers: [
      {
        name: 'c',
        image: 'x',
        ports: [
          { containerPort: 1, hostPort: 2 },
          { containerPort: 1, hostPort: 3, name: 'n' },
        ],
      },
    ],
  },
  { containers: [{ name: 'c', image: 'x', securityContext: { seccompProfile: { type: 'Unconfined' } } }] },
  { terminationGracePeriodSeconds: -5 },
  {
    containers: [
      { name: 'c', image: 'x', livenessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: -1 } },
    ],
  },
  { dnsConfig: { searches: ['a.', 'x_y'] } },
  { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: -1 }] },
  { overhead: { cpu: '100m' }, priority: 1 },
  {
    containers: [
      { name: 'c', image: 'x' },
      { name: 'd', image: 'x', volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'x' }] },
    ],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }],
  },
];
const selector = { matchLabels: { a: 'b' } };
const APPS = '/apis/apps/v1/namespaces/$N';
const warnings: readonly Step[] = WARNED.flatMap((spec) => [
  post(`${N}/pods?${DRY}`, pod('p', spec)),
  post(
    `${APPS}/deployments?${DRY}`,
    object('apps/v1', 'Deployment', 'd', { spec: { selector, template: template(spec) } }),
  ),
  post(
    `/apis/batch/v1/namespaces/$N/cronjobs?${DRY}`,
    object('batch/v1', 'CronJob', 'c', {
      spec: {
        schedule: 'TZ=UTC * * * * *',
        jobTemplate: { spec: { template: template({ ...spec, restartPolicy: 'Never' }) } },
      },
    }),
  ),
  post(`${N}/podtemplates?${DRY}`, object('v1', 'PodTemplate', 't', { template: template(spec) })),
]);

/** What defaults and strategies add, and what they leave. */
const JOBS: readonly object[] = [
  {},
  { completions: 3 },
  { parallelism: 3 },
  { completionMode: 'Indexed', completions: 2 },
  { completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1 },
  { suspend: true },
  { manualSelector: true, selector },
  { manualSelector: true },
  { selector },
  { backoffLimit: 0, ttlSecondsAfterFinished: 0 },
  { podReplacementPolicy: 'Failed' },
  { managedBy: 'example.com/me' },
  { activeDeadlineSeconds: 0 },
  { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } },
];
const defaults: readonly Step[] = [
  ...JOBS.flatMap((spec, at) =>
    [{}, { labels: { env: 'x' } }, { labels: { 'job-name': 'other' } }].map((metadata, other) =>
      post(
        `/apis/batch/v1/namespaces/$N/jobs`,
        object('batch/v1', 'Job', `j-${at}-${other}`, {
          spec: { ...spec, template: template({ restartPolicy: 'Never' }, metadata) },
        }),
      ),
    ),
  ),
  get(`/apis/batch/v1/namespaces/$N/jobs?labelSelector=job-name%3Dj-0-0`),
  get(`/apis/batch/v1/namespaces/$N/jobs?labelSelector=batch.kubernetes.io%2Fjob-name`, TABLE),
  ...['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', ''].flatMap((type) =>
    [
      { ports: [{ port: 80 }] },
      {
        ports: [
          { port: 80, protocol: 'UDP' },
          { port: 80, name: 'b' },
        ],
        sessionAffinity: 'ClientIP',
      },
      { clusterIP: 'None', selector: { a: 'b' } },
      { externalName: 'a.example.com', ports: [{ port: 1, targetPort: 'x' }] },
      { ipFamilyPolicy: 'PreferDualStack', ports: [{ port: 1 }], internalTrafficPolicy: 'Local' },
    ].map((spec) => post(`${N}/services?${DRY}`, object('v1', 'Service', 's', { spec: { ...spec, type } }))),
  ),
  ...[
    { updateStrategy: { type: 'OnDelete' } },
    { updateStrategy: { rollingUpdate: { partition: 1 } } },
    { podManagementPolicy: 'Parallel', serviceName: 's', ordinals: { start: 2 } },
    { volumeClaimTemplates: [{ metadata: { name: 'v' }, spec: { accessModes: ['ReadWriteOnce'] } }] },
    { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } },
    { persistentVolumeClaimRetentionPolicy: {}, minReadySeconds: 0 },
  ].map((spec) =>
    post(
      `${APPS}/statefulsets?${DRY}`,
      object('apps/v1', 'StatefulSet', 's', { spec: { selector, template: template(), ...spec } }),
    ),
  ),
];

const DEFAULTED = struct(
  {
    image: { type: 'string', default: 'busybox' },
    replicas: { type: 'integer' },
    deep: struct({
      a: { type: 'string', default: 'x' },
      b: struct({ c: { type: 'integer', default: 1 } }, { default: {} }),
    }),
    list: { type: 'array', items: struct({ k: { type: 'string' }, v: { type: 'string', default: 'w' } }) },
    map: { type: 'object', additionalProperties: struct({ v: { type: 'string', default: 'w' } }) },
    none: { type: 'string', nullable: true, default: null },
    some: { type: 'string', nullable: true, default: 's' },
  },
  { default: {} },
);
const made = (name: string, spec?: unknown, version = 'v1') =>
  object(`${GROUP}/${version}`, 'Made', name, spec === undefined ? {} : { spec });
const MADES = of('mades');
const OLD = of('mades', 'v1beta1');
const SPECS: readonly unknown[] = [
  undefined,
  {},
  null,
  { image: null, some: null, none: null },
  { deep: {} },
  { deep: null },
  { list: [{ k: 'a' }, { k: 'b', v: null }, {}], map: { a: {}, b: null } },
  { deep: { b: null } },
  { deep: { b: {} }, list: null, map: {} },
];
const writes: readonly Step[] = [
  ...served('made', struct({ spec: DEFAULTED, status: DEFAULTED }), {
    version: {},
    more: {
      versions: ['v1', 'v1beta1'].map((name) => ({
        name,
        served: true,
        storage: name === 'v1',
        schema: { openAPIV3Schema: struct({ spec: DEFAULTED, status: DEFAULTED }) },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      })),
    },
  }),
  ...SPECS.flatMap((spec, at) => [
    post(MADES, made(`a${at}`, spec)),
    post(OLD, made(`b${at}`, spec, 'v1beta1')),
    get(`${OLD}/a${at}`),
    patch('apply', `${MADES}/c${at}?fieldManager=f`, made(`c${at}`, spec)),
    patch('merge', `${MADES}/a${at}`, { spec }),
    patch('json', `${MADES}/a${at}`, [{ op: 'add', path: '/spec', value: spec ?? {} }]),
    put(`${MADES}/a${at}/status`, { ...made(`a${at}`, {}), status: spec }),
    patch('merge', `${OLD}/b${at}/status`, { status: spec }),
    patch('apply', `${MADES}/a${at}/status?fieldManager=s`, { ...made(`a${at}`), status: spec }),
    patch('merge', `${MADES}/a${at}/scale`, { spec: { replicas: at } }),
    put(`${OLD}/b${at}/scale`, object('autoscaling/v1', 'Scale', `b${at}`, { spec: { replicas: at } })),
    patch('json', `${MADES}/a${at}`, [{ op: 'remove', path: '/spec' }]),
    get(`${MADES}/a${at}`),
  ]),
  get(OLD),
  get(`${MADES}?watch=1&timeoutSeconds=1&resourceVersion=0`),
];

/** Nothing in each sort of place. */
const LISTS: Readonly<Record<string, object>> = {
  atomic: { type: 'array', items: { type: 'string' } },
  set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  keyed: {
    type: 'array',
    items: struct({ k: { type: 'string' }, v: { type: 'string' } }, { required: ['k'] }),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
  },
  map: { type: 'object', additionalProperties: { type: 'string' } },
  atomicMap: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
  struct: struct({ a: { type: 'string' } }),
  nullable: { type: 'array', nullable: true, items: { type: 'string', nullable: true } },
  free: { 'x-kubernetes-preserve-unknown-fields': true, type: 'object' },
  any: { 'x-kubernetes-int-or-string': true },
};
const NOTHING: readonly unknown[] = [null, [], {}, [null], { a: null }, '', 0, false, [{}], [[]]];
const empties: readonly Step[] = [
  ...served('empty', struct({ spec: struct(LISTS) }), {}),
  ...Object.keys(LISTS).flatMap((field) =>
    NOTHING.flatMap((nothing, at) => [
      patch('apply', `${of('emptys')}/${field.toLowerCase()}${at}?fieldManager=f`, {
        ...object(`${GROUP}/v1`, 'Empty', `${field.toLowerCase()}${at}`),
        spec: { [field]: nothing },
      }),
      post(`${of('emptys')}?${DRY}&fieldValidation=Strict`, {
        ...object(`${GROUP}/v1`, 'Empty', 'x'),
        spec: { [field]: nothing },
      }),
      patch('merge', `${of('emptys')}/${field.toLowerCase()}${at}?fieldManager=g`, {
        spec: { [field]: null },
      }),
    ]),
  ),
];

const MAPS = `${N}/configmaps`;
const lists: readonly Step[] = [
  ...['a', 'b', 'c', 'd'].map((name) => post(MAPS, object('v1', 'ConfigMap', name))),
  ...['', '&resourceVersion=0', '&resourceVersion=', '&resourceVersion=00', '&resourceVersion=-1'].flatMap(
    (revision) =>
      [
        '',
        '&resourceVersionMatch=Exact',
        '&resourceVersionMatch=NotOlderThan',
        '&resourceVersionMatch=Odd',
      ].flatMap((match) =>
        ['limit=3', 'limit=0', 'limit=-1', 'limit=x', 'limit=4', 'fieldSelector=metadata.name%3Db'].map(
          (limit) => get(`${MAPS}?${limit}${revision}${match}`),
        ),
      ),
  ),
  ...['1', '0', '', '99999999999', '18446744073709551616', 'x'].map((revision) =>
    get(
      `${MAPS}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone&resourceVersion=${revision}&sendInitialEvents=odd`,
    ),
  ),
  ...['', 'e30', 'x', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0'].map((token) =>
    get(`${MAPS}?limit=2&continue=${token}&resourceVersion=0`),
  ),
  remove(`${MAPS}?limit=2`),
  get(MAPS),
];

const ALL: Readonly<Record<string, readonly Step[]>> = {
  warnings,
  'what is added': defaults,
  'defaults however written': writes,
  'nothing applied': empties,
  'lists of some': lists,
};

export const publicKindsOfWrites = (): Session[] =>
  Object.entries(ALL).map(([name, steps]) => ({ name: `reported kinds: ${name}`, steps }));

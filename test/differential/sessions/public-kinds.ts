/** A dozen cases or more for each kind of fault that users of such servers have reported. */

import type { Session, Step } from '../exchange.ts';
import { AUTHORITY, WEBHOOK } from '../webhook-recorder.ts';
import { definitionOf, get, object, patch, post, put, remove } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '$N.example.com';
const DRY = 'dryRun=All';
const of = (resource: string, version = 'v1') => `/apis/${GROUP}/${version}/namespaces/$N/${resource}`;

/** A definition that is served before the steps that follow. */
const served = (name: string, schema: object, more?: Parameters<typeof definitionOf>[3]): Step[] => [
  { ...post(CRDS, definitionOf(GROUP, name, schema, more)), settles: `${CRDS}/${name}s.${GROUP}` },
  { ...get(of(`${name}s`)), until: 200 },
];
const struct = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

/** Numbers as they are written: JavaScript's own would round them. */
const raw = (method: string, path: string, body: string, type = 'application/json'): Step => ({
  method,
  path,
  headers: { 'content-type': type },
  body,
});
const NUMBERS = [
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '1e3',
  '1E400',
  '1.0',
  '-0',
  '-0.0',
  '0.1e1',
  '123456789012345678901234567890',
  '1.7976931348623157e308',
  '5e-324',
  '1e-400',
];
const FIELDS = ['i', 'i64', 'i32', 'n', 'any', 'free', 'e'];
const numbered = (name: string, spec: string) =>
  `{"apiVersion":"${GROUP}/v1","kind":"Number","metadata":{"name":"${name}"},"spec":${spec}}`;
const numbers: readonly Step[] = [
  ...served(
    'number',
    struct({
      spec: struct(
        {
          i: { type: 'integer' },
          i64: { type: 'integer', format: 'int64' },
          i32: { type: 'integer', format: 'int32' },
          n: { type: 'number' },
          any: { 'x-kubernetes-int-or-string': true },
          free: { 'x-kubernetes-preserve-unknown-fields': true },
          e: { enum: [1, 2 ** 53, -1], type: 'integer' },
        },
        {
          'x-kubernetes-validations': [
            { rule: '!has(self.i) || self.i < 9223372036854775807', message: 'i' },
            { rule: '!has(self.n) || self.n < 1e300', message: 'n' },
          ],
        },
      ),
    }),
    {
      version: {
        additionalPrinterColumns: ['i', 'n', 'any'].map((name) => ({
          name,
          type: name === 'n' ? 'number' : name === 'i' ? 'integer' : 'string',
          jsonPath: `.spec.${name}`,
        })),
        selectableFields: ['.spec.i', '.spec.i64'].map((jsonPath) => ({ jsonPath })),
      },
    },
  ),
  ...FIELDS.flatMap((field) =>
    NUMBERS.map((number) => raw('POST', `${of('numbers')}?${DRY}`, numbered('a', `{"${field}":${number}}`))),
  ),
  ...NUMBERS.flatMap((number, at) => [
    raw('POST', of('numbers'), numbered(`n${at}`, `{"i":${number},"free":{"a":[${number}]}}`)),
    raw('POST', of('numbers'), numbered(`m${at}`, `{"n":${number}}`)),
    raw(
      'PATCH',
      `${of('numbers')}/n${at}?${DRY}`,
      `{"spec":{"free":${number}}}`,
      'application/merge-patch+json',
    ),
    raw(
      'PATCH',
      `${of('numbers')}/n${at}?${DRY}`,
      `[{"op":"test","path":"/spec/i","value":${number}}]`,
      'application/json-patch+json',
    ),
    raw(
      'PATCH',
      `${of('numbers')}/n${at}?${DRY}&fieldManager=f&force=true`,
      numbered(`n${at}`, `{"n":${number}}`),
      'application/apply-patch+yaml',
    ),
    get(`${of('numbers')}?fieldSelector=spec.i%3D${encodeURIComponent(number)}`),
  ]),
  get(of('numbers'), 'application/json;as=Table;v=v1;g=meta.k8s.io'),
  get(of('numbers'), 'application/yaml'),
  ...['maximum', 'minimum', 'multipleOf', 'default', 'enum', 'maxLength'].flatMap((word) =>
    NUMBERS.map((number) => {
      const schema = { type: word === 'maxLength' ? 'string' : 'number', [word]: '<n>' };
      const body = JSON.stringify(definitionOf(GROUP, 'word', struct({ spec: struct({ x: schema }) })));
      return raw('POST', `${CRDS}?${DRY}`, body.replace('"<n>"', word === 'enum' ? `[${number}]` : number));
    }),
  ),
  ...NUMBERS.flatMap((number) => [
    raw(
      'POST',
      `/apis/apps/v1/namespaces/$N/deployments?${DRY}`,
      `{"metadata":{"name":"d"},"spec":{"replicas":${number},"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}`,
    ),
    raw(
      'POST',
      `/apis/scheduling.k8s.io/v1/priorityclasses?${DRY}`,
      `{"metadata":{"name":"p"},"value":${number}}`,
    ),
    raw(
      'POST',
      `/apis/apps/v1/namespaces/$N/controllerrevisions?${DRY}`,
      `{"metadata":{"name":"r"},"revision":${number},"data":{"x":${number}}}`,
    ),
    raw(
      'POST',
      `${N}/services?${DRY}`,
      `{"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"targetPort":${number}}]}}`,
    ),
  ]),
];

/** What a webhook is asked of requests on namespaces, connections and parts of objects. */
const watched = (rules: readonly object[], steps: readonly Step[]): Step[] => {
  const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const hook = (name: string, more: object) => ({
    name: `${name}.example.com`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    clientConfig: { url: `${WEBHOOK}/validate/${name}`, caBundle: AUTHORITY },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$N' } },
    ...more,
  });
  const told = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] };
  const probe = post(`${N}/secrets?${DRY}`, object('v1', 'Secret', 'probe'));
  return [
    post(
      configurations,
      object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', '$N', {
        webhooks: [hook('allow', { rules }), hook('deny', { rules: [told] })],
      }),
    ),
    { ...probe, until: 'refused' },
    ...steps,
    remove(`${configurations}/$N`),
    { ...probe, until: 201 },
  ];
};
const rule = (apiGroup: string, ...resources: string[]) => [
  { operations: ['*'], apiGroups: [apiGroup], apiVersions: ['*'], resources },
];
const labelled = { metadata: { labels: { a: 'b' } } };
const namespaces = watched(rule('', 'namespaces', 'namespaces/*'), [
  patch('merge', `${N}?${DRY}`, labelled),
  patch('strategic', `${N}?${DRY}`, labelled),
  patch('json', `${N}?${DRY}`, [{ op: 'add', path: '/metadata/labels/x', value: 'y' }]),
  patch('apply', `${N}?${DRY}&fieldManager=f`, object('v1', 'Namespace', '$N', labelled)),
  put(`${N}?${DRY}`, object('v1', 'Namespace', '$N')),
  put(`${N}/finalize?${DRY}`, object('v1', 'Namespace', '$N', { spec: { finalizers: [] } })),
  put(`${N}/status?${DRY}`, object('v1', 'Namespace', '$N', { status: { phase: 'Terminating' } })),
  patch('merge', `${N}/status?${DRY}`, { status: { conditions: [{ type: 'x', status: 'True' }] } }),
  remove(`${N}?${DRY}`),
  remove(N, { propagationPolicy: 'Orphan', gracePeriodSeconds: 0, dryRun: ['All'] }),
  post(`/api/v1/namespaces?${DRY}`, object('v1', 'Namespace', '$N')),
  post(`/api/v1/namespaces?${DRY}`, object('v1', 'Namespace', '$N-other', { metadata: { name: '$N-o' } })),
  remove('/api/v1/namespaces'),
]);

const pod = (name: string, spec: object = {}) =>
  object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'x' }], ...spec } });
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  exec: [
    'command=ls&command=-l&stdin=true',
    'command=&stdin=1&stdout=0&stderr=t&tty=TRUE',
    'command=a&stdin=yes',
    'command=a&container=c&container=d',
    'container=none&command=a',
    'command=a&tty=&stdin=&bogus=1',
    '',
  ],
  attach: ['stdin=true&tty=true', 'stdout=false', 'container=c', 'stdin=x', ''],
  portforward: ['ports=80&ports=81', 'ports=80,81', 'ports=x', 'ports=-1', 'ports=70000', ''],
};
const connections: readonly Step[] = [
  post(`${N}/pods`, pod('p')),
  post(`${N}/services`, object('v1', 'Service', 's', { spec: { ports: [{ port: 80, name: 'web' }] } })),
  ...watched(rule('', '*/*'), [
    ...Object.entries(QUERIES).flatMap(([part, queries]) =>
      queries.flatMap((query) => [
        post(`${N}/pods/p/${part}?${query}`, undefined),
        get(`${N}/pods/p/${part}?${query}`),
      ]),
    ),
    ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'].flatMap((method) => [
      { method, path: `${N}/services/web:s:80/proxy/a/b%20c?x=1&path=q` },
      { method, path: `${N}/pods/https:p:8443/proxy?path=%2Fz` },
    ]),
    get(`${N}/pods/none/exec?command=a`),
    get(`${N}/services/s:none/proxy/`),
  ]),
];

const spec = {
  replicas: 3,
  selector: { matchLabels: { a: 'b' } },
  template: { ...labelled, spec: { containers: [{ name: 'c', image: 'x' }] } },
};
const deployment = { ...object('apps/v1', 'Deployment', 'd'), spec };
const SCALED = [
  ['/apis/apps/v1/namespaces/$N/deployments', deployment],
  ['/apis/apps/v1/namespaces/$N/replicasets', { ...deployment, kind: 'ReplicaSet' }],
  ['/apis/apps/v1/namespaces/$N/statefulsets', { ...deployment, kind: 'StatefulSet' }],
  [
    `${N}/replicationcontrollers`,
    {
      ...deployment,
      apiVersion: 'v1',
      kind: 'ReplicationController',
      spec: { ...spec, selector: { a: 'b' } },
    },
  ],
] as const;
const scale = (spec: object, more: object = {}) => object('autoscaling/v1', 'Scale', 'd', { spec, ...more });
const parts: readonly Step[] = [
  ...SCALED.map(([path, body]) => post(path, body)),
  ...watched(
    [...rule('apps', '*/*'), ...rule('', 'replicationcontrollers/*')],
    SCALED.flatMap(([path]) => [
      get(`${path}/d/scale`),
      patch('merge', `${path}/d/scale`, { spec: { replicas: 0 } }),
      get(`${path}/d/scale`),
      patch('merge', `${path}/d/scale?fieldManager=s`, { spec: { replicas: null } }),
      patch('json', `${path}/d/scale`, [{ op: 'remove', path: '/spec/replicas' }]),
      patch('json', `${path}/d/scale`, [{ op: 'test', path: '/status/replicas', value: 0 }]),
      patch('apply', `${path}/d/scale?fieldManager=f&force=true`, scale({ replicas: 2 })),
      put(`${path}/d/scale?${DRY}`, scale({ replicas: 5 }, { status: { replicas: 7, selector: 'x=y' } })),
      put(`${path}/d/scale`, { kind: 'Scale', apiVersion: 'extensions/v1beta1', metadata: { name: 'd' } }),
      put(`${path}/d/scale`, { ...scale({ replicas: 1 }), metadata: { name: 'e' } }),
      put(`${path}/d/scale`, { ...scale({ replicas: 1 }), metadata: { name: 'd', resourceVersion: '1' } }),
      put(`${path}/d/scale`, { ...scale({ replicas: 1 }), metadata: { name: 'd', uid: 'x' } }),
      patch('merge', `${path}/d/status`, { status: { replicas: 1, bogus: 1 }, spec: { replicas: 9 } }),
      put(`${path}/d/status`, { ...deployment, status: {} }),
      get(`${path}/d`),
    ]),
  ),
];

export { N, of, pod, served, struct };

const ALL: Readonly<Record<string, readonly Step[]>> = {
  'numbers of every size': numbers,
  'requests on namespaces': namespaces,
  'options of connections': connections,
  'parts of objects': parts,
};

export const publicKinds = (): Session[] =>
  Object.entries(ALL).map(([name, steps]) => ({ name: `reported kinds: ${name}`, steps }));

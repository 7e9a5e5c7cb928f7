import type { Session, Step } from '../exchange.ts';

const N = '/api/v1/namespaces/$N';
const DEPLOYMENT = '/apis/apps/v1/namespaces/$N/deployments/d';
const POD = `${N}/pods/p`;
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Step => ({
  method,
  path,
  ...(body !== undefined && { body }),
  ...(headers && { headers }),
});
const get = (path: string, headers?: Record<string, string>): Step => ask('GET', path, undefined, headers);
const patch = (path: string, kind: string, body: unknown): Step =>
  ask('PATCH', path, body, { 'content-type': `application/${kind}` });
const merge = (path: string, body: unknown): Step => patch(path, 'merge-patch+json', body);
const strategic = (path: string, body: unknown): Step => patch(path, 'strategic-merge-patch+json', body);
const apply = (path: string, body: unknown): Step => patch(path, 'apply-patch+yaml', body);

const template = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'c', image: 'x' }] },
};
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { selector: { matchLabels: { a: 'b' } }, template },
};
const scale = (replicas: number, metadata: object = { name: 'd' }) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata,
  spec: { replicas },
});
const deploymentPart = (more: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  ...more,
});

const SCALES: readonly Step[] = [
  ask('POST', '/apis/apps/v1/namespaces/$N/deployments?fieldManager=one', deployment),
  get(`${DEPLOYMENT}/scale`),
  get(`${DEPLOYMENT}/scale`, TABLE),
  get(`${DEPLOYMENT}/status`, TABLE),
  ask('PUT', `${DEPLOYMENT}/scale`, scale(5)),
  ask('PUT', `${DEPLOYMENT}/scale`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'd' } }),
  ask('PUT', `${DEPLOYMENT}/scale`, { ...scale(1), apiVersion: 'autoscaling/v2' }),
  ask('PUT', `${DEPLOYMENT}/scale`, { spec: { replicas: 4 } }),
  ask('PUT', `${DEPLOYMENT}/scale`, scale(4, { name: 'x' })),
  ask('PUT', `${DEPLOYMENT}/scale`, scale(4, { name: 'd', resourceVersion: '1' })),
  ask('PUT', `${DEPLOYMENT}/scale?dryRun=All`, scale(9)),
  patch(`${DEPLOYMENT}/scale?fieldManager=x`, 'json-patch+json', [
    { op: 'replace', path: '/spec/replicas', value: 7 },
  ]),
  apply(`${DEPLOYMENT}/scale?fieldManager=x`, scale(3)),
  apply(`${DEPLOYMENT}/scale?fieldManager=x&force=true`, scale(3)),
  apply(`${DEPLOYMENT}?fieldManager=y`, deploymentPart({ spec: { replicas: 8 } })),
  apply(`${DEPLOYMENT}/status?fieldManager=y`, deploymentPart({ status: { replicas: 8 } })),
  strategic(`${DEPLOYMENT}/status?fieldManager=z`, {
    status: { conditions: [{ type: 'Available', status: 'True' }] },
  }),
  ask('PUT', `${DEPLOYMENT}/status?fieldManager=z`, {
    metadata: { name: 'd', labels: { a: 'b' } },
    spec: {},
    status: { replicas: -1 },
  }),
  ask('DELETE', `${DEPLOYMENT}/scale`),
  ask('POST', `${DEPLOYMENT}/scale`, {}),
  ask('DELETE', `${DEPLOYMENT}/status`),
];

const eviction = (name: string, more: object = {}) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name },
  ...more,
});
const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' } };

const PODS: readonly Step[] = [
  ask('POST', `${N}/pods`, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } }),
  ask('POST', `${POD}/eviction`, eviction('q')),
  ask('POST', `${POD}/eviction?dryRun=All`, eviction('p')),
  ask('POST', `${POD}/eviction`, eviction('p', { deleteOptions: { preconditions: { uid: 'x' } } })),
  ask('POST', `${POD}/binding`, { ...binding, target: { kind: 'Node', name: 'n' } }),
  ask('POST', `${N}/bindings`, { ...binding, target: { kind: 'Node', name: 'n' } }),
  get(`${POD}/ephemeralcontainers`),
  get(`${POD}/resize`),
  strategic(`${POD}/ephemeralcontainers?fieldManager=e`, {
    spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] },
  }),
  strategic(`${POD}/resize?fieldManager=e`, {
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
  }),
  get(POD),
  ask('PUT', '/api/v1/namespaces/$N/status?fieldManager=q', {
    metadata: { name: '$N' },
    status: { phase: 'Active', conditions: [{ type: 'a', status: 'True' }] },
  }),
  ask('PUT', '/api/v1/namespaces/$N/status?fieldManager=q', {
    metadata: { name: '$N' },
    status: { phase: 'Odd' },
  }),
];

const AUTHZ = '/apis/authorization.k8s.io/v1';
const AUTHN = '/apis/authentication.k8s.io/v1';
const resourceAttributes = { namespace: '$N', verb: 'get', resource: 'pods' };

const REVIEWS: readonly Step[] = [
  ask('POST', `${AUTHZ}/selfsubjectaccessreviews`, { spec: { resourceAttributes } }),
  ask('POST', `${AUTHZ}/selfsubjectaccessreviews`, { spec: {} }),
  ask('POST', `${AUTHZ}/subjectaccessreviews`, {
    spec: { user: 'x', nonResourceAttributes: { path: '/x', verb: 'get' } },
  }),
  ask('POST', `${AUTHZ}/subjectaccessreviews`, {
    spec: { user: 'x', resourceAttributes, nonResourceAttributes: { path: '/x', verb: 'get' } },
  }),
  ask('POST', `${AUTHZ}/subjectaccessreviews`, { spec: { user: 'x' } }),
  ask('POST', `${AUTHZ}/subjectaccessreviews`, { spec: {} }),
  ask('POST', `${AUTHZ}/namespaces/$N/localsubjectaccessreviews`, {
    metadata: { namespace: '$N' },
    spec: { user: 'x', resourceAttributes },
  }),
  ask('POST', `${AUTHZ}/namespaces/$N/localsubjectaccessreviews`, {
    spec: { user: 'x', resourceAttributes: { ...resourceAttributes, namespace: 'other' } },
  }),
  ask('POST', `${AUTHN}/tokenreviews`, { spec: {} }),
  ask('POST', `${AUTHN}/selfsubjectreviews`, {}),
  ask('POST', `${AUTHZ}/selfsubjectrulesreviews`, { spec: { namespace: '$N' } }),
  ask('POST', `${AUTHZ}/selfsubjectrulesreviews`, { spec: {} }),
];

/** Numbers, and other values in place of an integer or a quantity. */
const NUMBERS = [
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '2147483648',
  '-2147483649',
  '1e3',
  '1.0',
  '1.5',
  '1.00000000000000000000001',
  '-0',
  '0x1',
  '01',
  '+1',
  'NaN',
  '"5"',
  'null',
  'true',
];
const POD_TEXT = (number: string) =>
  `{"metadata":{"name":"n"},"spec":{"activeDeadlineSeconds":${number},"containers":[{"name":"c","image":"x","resources":{"limits":{"cpu":${number}}}}]}}`;
const numbers = NUMBERS.flatMap((number): Step[] => [
  ask(
    'POST',
    '/apis/apps/v1/namespaces/$N/deployments?dryRun=All',
    `{"metadata":{"name":"n"},"spec":{"replicas":${number},"selector":{"matchLabels":{"a":"b"}},"template":${JSON.stringify(template)}}}`,
  ),
  ask('POST', `${N}/pods?dryRun=All`, POD_TEXT(number)),
  merge(`${POD}?dryRun=All`, `{"spec":{"activeDeadlineSeconds":${number}}}`),
  apply(
    `${N}/services/s?fieldManager=a&dryRun=All`,
    `{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":${number},"targetPort":${number}}]}}`,
  ),
  ask(
    'POST',
    `${N}/services?dryRun=All`,
    `{"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"targetPort":${number}}]}}`,
  ),
]);

export function subresources(): Session[] {
  return [
    { name: 'scales and statuses', steps: SCALES },
    { name: 'parts of pods', steps: PODS },
    { name: 'reviews', steps: REVIEWS },
    { name: 'numbers', steps: numbers },
  ];
}

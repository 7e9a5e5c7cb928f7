import type { Session, Step } from '../exchange.ts';
import { CUSTOM, WIDGETS, WRITES, widgetDefinition } from './webhooks.ts';

const N = '/api/v1/namespaces/$N';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MAPS = `${N}/configmaps`;
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

const get = (path: string, headers?: Record<string, string>): Step => ({
  method: 'GET',
  path,
  ...(headers && { headers }),
});
const post = (path: string, body: unknown, headers?: Record<string, string>): Step => ({
  method: 'POST',
  path,
  body,
  ...(headers && { headers }),
});
const patch = (path: string, kind: string, body: unknown): Step => ({
  method: 'PATCH',
  path,
  body,
  headers: { 'content-type': `application/${kind}` },
});

const map = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const SOMEBODY = { 'impersonate-user': 'somebody', 'impersonate-group': 'system:authenticated' };
const exposed = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'exposed' },
  spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort: 80 }] }] },
};

const READS: readonly Step[] = [
  get('/version'),
  get('/healthz'),
  get('/healthz?verbose'),
  get('/nothing'),
  get('/apis/none/v1'),
  get('/api/v1/nothings'),
  get(`${MAPS}`),
  get(`${MAPS}?limit=1`),
  get(`${MAPS}?watch=1&timeoutSeconds=1`),
  get(`${MAPS}`, TABLE),
  get(`${MAPS}/none`),
  get(`${MAPS}?labelSelector=%21%21`),
  get(`${N}/secrets`),
  get('/apis/apps/v1/deployments?limit=1&fieldSelector=metadata.namespace%3D$N'),
  get(`${N}/pods/none/log?follow=true`),
  get(`${N}/componentstatuses`),
  get('/apis'),
  get('/api'),
  get('/openapi/v2', { 'if-none-match': '*' }),
  { method: 'HEAD', path: `${MAPS}` },
  { method: 'OPTIONS', path: `${MAPS}` },
  get(`${MAPS}`, { accept: 'text/html' }),
  get(`${MAPS}`, SOMEBODY),
  get(`${MAPS}`, { 'impersonate-user': 'system:serviceaccount:$N:default' }),
  get(`${MAPS}`, { ...SOMEBODY, 'impersonate-uid': 'u', 'impersonate-extra-a%2fb': 'c' }),
  get(`${MAPS}`, { 'impersonate-group': 'x' }),
  get('/apis/authentication.k8s.io/v1/selfsubjectreviews', SOMEBODY),
];

const BROKEN: readonly Step[] = [
  post(MAPS, '{'),
  post(MAPS, ''),
  post(MAPS, map('Not Valid')),
  post(MAPS, { ...map('x'), kind: 'Secret' }),
  post(MAPS, map('x'), { 'content-type': 'text/plain' }),
  post(`${MAPS}?fieldValidation=Strict`, map('x', { bogus: 1 })),
  post(`${MAPS}?dryRun=x`, map('x')),
  post(MAPS, map('twice', { data: { a: 'b' } })),
  post(MAPS, map('twice')),
  post(MAPS, map('y'), SOMEBODY),
  post(`${MAPS}/none`, map('none')),
  post(MAPS, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n'),
  post(MAPS, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n', {
    'content-type': 'application/yaml',
  }),
  patch(`${MAPS}/twice`, 'merge-patch+json', '{'),
  patch(`${MAPS}/twice`, 'merge-patch+json', '[1]'),
  patch(`${MAPS}/twice`, 'json-patch+json', [{ op: 'test', path: '/kind', value: 'No' }]),
  patch(`${MAPS}/twice`, 'apply-patch+yaml', 'data: {a: b}\napiVersion: v1\nkind: ConfigMap\n'),
  patch(
    `${MAPS}/twice?fieldManager=f`,
    'apply-patch+yaml',
    'data: {a: c}\napiVersion: v1\nkind: ConfigMap\n',
  ),
  patch(`${MAPS}/twice`, 'odd', {}),
  patch(`${MAPS}/none`, 'merge-patch+json', {}),
  {
    method: 'PUT',
    path: `${MAPS}/twice`,
    body: { ...map('twice'), metadata: { name: 'twice', resourceVersion: '1' } },
  },
  { method: 'PUT', path: `${MAPS}/twice`, body: map('other') },
  { method: 'DELETE', path: `${MAPS}/twice?propagationPolicy=Odd` },
  { method: 'DELETE', path: `${MAPS}/twice`, body: { preconditions: { uid: 'x' } } },
  { method: 'DELETE', path: MAPS },
  { method: 'DELETE', path: `${N}/services` },
];

/** Annotations by admission plugins and strategies. */
const ANNOTATED: readonly Step[] = [
  patch(N, 'merge-patch+json', {
    metadata: {
      labels: {
        'pod-security.kubernetes.io/enforce': 'baseline',
        'pod-security.kubernetes.io/audit': 'restricted',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  }),
  post(`${N}/pods?dryRun=All`, exposed),
  post(`${N}/pods?dryRun=All`, { ...exposed, spec: { containers: [{ name: 'c', image: 'x' }] } }),
  post('/apis/apps/v1/namespaces/$N/deployments?dryRun=All', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: exposed.spec },
    },
  }),
  get(`${N}/endpoints`),
  get('/api/v1/componentstatuses'),
  post('/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'x' },
  }),
  post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: '$N' } },
  }),
];

/** Requests of all kinds, for their audit events. */
export function audit(): Session[] {
  return [
    { name: 'audit of reads', steps: READS },
    { name: 'audit of broken requests', steps: BROKEN },
    { name: 'audit of annotations', steps: ANNOTATED },
    { name: 'audit of writes', steps: WRITES },
    {
      name: 'audit of custom resources',
      steps: [
        post(DEFINITIONS, widgetDefinition),
        { ...get(WIDGETS), until: 200 },
        ...CUSTOM,
        { method: 'DELETE', path: `${DEFINITIONS}/widgets.$N.example.com` },
      ],
    },
  ];
}

/** Response headers, for authorized and unauthorized users, in supported and unsupported formats. */

import type { Session, Step } from '../exchange.ts';
import { get, object, PARTIAL, PARTIALS, post, TABLE } from './steps.ts';

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const PATHS = [
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/apis/apps/v2',
  '/apis/none',
  '/api/v1/namespaces/$N',
  '/api/v1/namespaces/none',
  '/api/v1/none',
  '/api/v1/namespaces/$N/configmaps',
  '/api/v1/namespaces/$N/configmaps?limit=1',
  '/api/v1/namespaces/$N/configmaps/a',
  '/api/v1/namespaces/$N/configmaps?watch=1&timeoutSeconds=1',
  '/api/v1/namespaces/$N/pods/p/log',
  '/api/v1/namespaces/$N/pods/none/log',
  '/api/v1/namespaces/$N/pods/p/log?dryRun=All',
  '/healthz',
  '/livez/ping',
  '/livez/none',
  '/openid/v1/jwks/',
  '/none',
];
const FORMS = [
  undefined,
  '',
  '*/*',
  'application/*',
  'text/plain',
  'text/html',
  'image/png',
  'application/yaml',
  'application/cbor',
  'application/json; charset=utf-8',
  'application/json;as=Odd;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v2;g=meta.k8s.io, application/json',
  TABLE,
  PARTIAL,
  PARTIALS,
  DISCOVERY,
];

/** Requests with two errors, of which one is reported. */
const ODD_WRITES: readonly Step[] = [
  ['POST', ''],
  ['PUT', '/a'],
  ['PATCH', '/a'],
  ['DELETE', '/a'],
].flatMap(([method, name]) =>
  ['?fieldValidation=Odd', '?dryRun=Odd', '?fieldManager=%01', ''].flatMap((query) =>
    ['text/html', 'application/json', 'application/merge-patch+json', ''].map((type) => ({
      method: method!,
      path: `/api/v1/namespaces/$N/configmaps${name}${query}`,
      headers: { 'content-type': type },
      body: '{',
    })),
  ),
);

const METHODS = ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
const METHOD_PATHS = [
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps/v1',
  '/api/v1/namespaces/none',
  '/livez/ping',
  '/none',
];

const as = (step: Step, headers: Readonly<Record<string, string>>): Step => ({
  ...step,
  headers: { ...step.headers, ...headers },
});
const WHO: readonly Readonly<Record<string, string>>[] = [
  { 'impersonate-user': 'jane' },
  { 'impersonate-user': 'jane', accept: TABLE },
  { 'impersonate-user': 'jane', accept: 'application/yaml' },
  { 'impersonate-user': 'jane', accept: 'image/png' },
  { 'impersonate-group': 'g' },
  { 'impersonate-uid': 'u' },
  { 'impersonate-extra-a': 'b' },
  { 'impersonate-user': 'system:anonymous' },
];
const ASKED_BY_OTHERS: readonly Step[] = [
  get('/api/v1/namespaces/$N/configmaps'),
  get('/api/v1/namespaces/$N/configmaps?watch=1'),
  get('/api/v1/namespaces/$N/pods/p/log'),
  get('/api'),
  get('/version/'),
  get('/healthz'),
  get('/none'),
  get('/a<b>&c'),
  post('/api/v1/namespaces/$N/configmaps', object('v1', 'ConfigMap', 'b')),
];

export function answerHeaders(): Session[] {
  const made = [
    post('/api/v1/namespaces/$N/configmaps', object('v1', 'ConfigMap', 'a')),
    post('/api/v1/namespaces/$N/configmaps', object('v1', 'ConfigMap', 'b')),
    post(
      '/api/v1/namespaces/$N/pods',
      object('v1', 'Pod', 'p', {
        spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }] },
      }),
    ),
  ];
  return [
    {
      name: 'headers of answers by form',
      steps: [...made, ...PATHS.flatMap((path) => FORMS.map((accept) => get(path, accept))), ...ODD_WRITES],
    },
    {
      name: 'headers of answers by method',
      steps: METHODS.flatMap((method) => METHOD_PATHS.map((path) => ({ method, path }))),
    },
    {
      name: 'headers of answers to others',
      steps: [...made, ...ASKED_BY_OTHERS.flatMap((step) => WHO.map((headers) => as(step, headers)))],
    },
  ];
}

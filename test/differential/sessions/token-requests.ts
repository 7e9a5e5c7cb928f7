/** Service account tokens: valid requests, bindings, and invalidation. */

import type { Session, Step } from '../exchange.ts';
import { object, post, remove } from './steps.ts';

const ACCOUNTS = '/api/v1/namespaces/$N/serviceaccounts';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const OWN_AUDIENCE = 'https://kubernetes.default.svc';

const request = (spec: object, more: object = {}) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec,
  ...more,
});
const ask = (spec: object, account = 'a', query = '', more: object = {}): Step =>
  post(`${ACCOUNTS}/${account}/token${query}`, request(spec, more));
const bound = (kind: string, name: string, more: object = {}) => ({
  boundObjectRef: { kind, apiVersion: 'v1', name, ...more },
});
const review = (token: string, audiences?: readonly string[]): Step =>
  post(REVIEWS, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, ...(audiences && { audiences }) },
  });

const MADE: readonly Step[] = [
  post(ACCOUNTS, object('v1', 'ServiceAccount', 'a')),
  post(ACCOUNTS, object('v1', 'ServiceAccount', 'other')),
  {
    ...post(
      '/api/v1/namespaces/$N/pods',
      object('v1', 'Pod', 'p', {
        spec: {
          serviceAccountName: 'a',
          automountServiceAccountToken: false,
          containers: [{ name: 'c', image: 'i' }],
        },
      }),
    ),
    keeps: 'pod',
  },
  { ...post('/api/v1/namespaces/$N/secrets', object('v1', 'Secret', 's')), keeps: 'secret' },
  { ...post('/api/v1/nodes', object('v1', 'Node', '$N-n')), keeps: 'node' },
];
const OBJECTS = [
  ['Pod', 'p', 'pod', '/api/v1/namespaces/$N/pods/p?gracePeriodSeconds=0'],
  ['Secret', 's', 'secret', '/api/v1/namespaces/$N/secrets/s'],
  ['Node', '$N-n', 'node', '/api/v1/nodes/$N-n'],
] as const;

const SECONDS = [0, -1, 599, 600, 3600, 3607, 7200, 86_400, 4_294_967_296, 4_294_967_297, 9_999_999_999];
const AUDIENCES = [[], [''], ['a'], ['a', 'b'], ['a', 'a'], [OWN_AUDIENCE], [OWN_AUDIENCE, 'a']];
const REFERENCES: readonly object[] = [
  {},
  { kind: 'Pod' },
  { name: 'p' },
  { kind: 'pod', apiVersion: 'v1', name: 'p' },
  { kind: 'Pod', apiVersion: 'v2', name: 'p' },
  { kind: 'Pod', name: 'p' },
  { kind: 'ConfigMap', apiVersion: 'v1', name: 'p' },
  { kind: 'Deployment', apiVersion: 'apps/v1', name: 'p' },
];
const METADATA: readonly object[] = [
  { name: 'other' },
  { name: 'a' },
  { namespace: 'other' },
  { generateName: 'x' },
  { labels: { a: 'b' } },
];

const asked: Session = {
  name: 'tokens that are asked for',
  steps: [
    ...MADE,
    ...SECONDS.map((expirationSeconds) => ask({ expirationSeconds })),
    ...AUDIENCES.map((audiences) => ask({ audiences })),
    ...REFERENCES.map((boundObjectRef) => ask({ boundObjectRef })),
    ...OBJECTS.flatMap(([kind, name, kept]) => [
      ask(bound(kind, name)),
      ask(bound(kind, name, { uid: `$(${kept}.metadata.uid)` })),
      ask(bound(kind, name, { uid: 'other' })),
      ask(bound(kind, 'absent')),
      ask(bound(kind, name), 'other'),
      ask({ ...bound(kind, name), expirationSeconds: 1, audiences: ['a'] }),
    ]),
    ...METADATA.map((metadata) => ask({}, 'a', '', { metadata })),
    ...['?dryRun=All', '?dryRun=Some', '?fieldValidation=Strict', '?pretty=true'].flatMap((query) => [
      ask({}, 'a', query),
      ask({ odd: 1 }, 'a', query),
      ask({}, 'absent', query),
    ]),
    ...[{}, [], '', 'x', { kind: 'Pod', apiVersion: 'v1' }, { kind: 'TokenRequest', apiVersion: 'v1' }].map(
      (body) => post(`${ACCOUNTS}/a/token`, body),
    ),
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
      method,
      path: `${ACCOUNTS}/a/token`,
      body: request({}),
    })),
    ...['application/yaml', 'image/png', 'application/json;as=Table;v=v1;g=meta.k8s.io'].map((accept) => ({
      ...ask({}),
      headers: { accept },
    })),
  ],
};

const looked: Session = {
  name: 'tokens that are looked at',
  steps: [
    ...MADE,
    ...['', 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'eyJhbGciOiJSUzI1NiJ9.e30.x'].map((token) =>
      review(token),
    ),
    ...[{}, { audiences: ['a'] }, { audiences: [OWN_AUDIENCE, 'a'] }].flatMap((spec, index) => [
      { ...ask(spec), keeps: `token${index}` },
      review(`$(token${index}.status.token)`),
      review(`$(token${index}.status.token)`, ['a']),
      review(`$(token${index}.status.token)`, ['a', OWN_AUDIENCE, 'b']),
      review(`$(token${index}.status.token)`, []),
      review(`$(token${index}.status.token)x`),
      review(` $(token${index}.status.token)`),
    ]),
    ...OBJECTS.flatMap(([kind, name, kept, path]) => [
      { ...ask(bound(kind, name)), keeps: `of${kept}` },
      review(`$(of${kept}.status.token)`),
      remove(path),
      review(`$(of${kept}.status.token)`),
      post(path.replace(/\/[^/]*$/, ''), object('v1', kind, name)),
      review(`$(of${kept}.status.token)`),
    ]),
    remove(`${ACCOUNTS}/a`),
    review('$(token0.status.token)'),
    post(ACCOUNTS, object('v1', 'ServiceAccount', 'a')),
    review('$(token0.status.token)'),
    remove('/api/v1/nodes/$N-n'),
  ],
};

export const tokenRequests = (): Session[] => [asked, looked];

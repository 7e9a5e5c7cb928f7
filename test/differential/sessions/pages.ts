import type { Session, Step } from '../exchange.ts';

const get = (path: string, headers: Record<string, string> = {}): Step => ({ method: 'GET', path, headers });
const accepting = (path: string, accept: string): Step => get(path, { accept });

/** Waits until a newly started server is healthy. */
const well = (path: string): Step => ({ ...get(path), until: 200 });

const CHECKS = [
  'ping',
  'log',
  'etcd',
  'etcd-readiness',
  'informer-sync',
  'loopback-serving-certificate',
  'autoregister-completion',
  'shutdown',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/nothing',
  'kms-providers',
];

const HEALTH = ['/healthz', '/livez', '/readyz'].flatMap((path): Step[] => [
  well(path),
  get(`${path}?verbose`),
  get(`${path}?verbose=false&exclude=etcd&exclude=log`),
  get(`${path}?exclude=z&exclude=a&verbose`),
  get(`${path}?exclude=z`),
  get(`${path}/`),
  ...CHECKS.map((check) => get(`${path}/${check}`)),
]);

const kind = (version: string, name: string) => `;v=${version};g=config.k8s.io;as=${name}`;
const FORMS = [
  '*/*',
  'text/*',
  'application/*',
  'text/plain',
  'text/html',
  'application/json',
  'application/vnd.kubernetes.protobuf',
  ...['v1alpha1', 'v1beta1', 'v1'].flatMap((version) =>
    ['Flagz', 'Statusz'].flatMap((name) => [
      `application/json${kind(version, name)}`,
      `application/yaml${kind(version, name)}`,
      `application/cbor${kind(version, name)}`,
      `application/json${kind(version, name)},text/plain;q=0.9`,
    ]),
  ),
  `application/json;as=Flagz`,
  `application/json;sv=v1${kind('v1beta1', 'Statusz')}`,
  'text/plain;as=Flagz',
  'text/plain;stream=watch',
  'text/plain;pretty=1',
];

const PAGES = [
  '/flagz',
  '/statusz',
  '/index.html',
  '/index',
  '/version',
  '/openid/v1/jwks/',
  '/.well-known/',
  '/.well-known/nothing',
  '/logs',
  '/logs/',
  '/metrics/',
  '/metrics/nothing',
  '/statusz/',
  '/flagz/x',
  '/debug',
];

/** Users with and without access to the pages. */
const PEOPLE: readonly Record<string, string>[] = [
  { 'impersonate-user': 'somebody', 'impersonate-group': 'system:authenticated' },
  { 'impersonate-user': 'watcher', 'impersonate-group': 'system:monitoring' },
  { 'impersonate-user': 'system:anonymous', 'impersonate-group': 'system:unauthenticated' },
];
const SEEN = [
  ...PAGES,
  '/',
  '/api',
  '/apis',
  '/healthz',
  '/livez/etcd',
  '/readyz/shutdown',
  '/metrics/slis',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/openapi/v2/x',
  '/debug/pprof/',
  '/debug/flags/v',
];
const hasText = new Set([
  '/metrics/slis',
  '/',
  '/index.html',
  '/openid/v1/jwks',
  '/debug/pprof/',
  '/debug/flags/v',
]);

/** Pages about the server, in every format and for every user. */
export function pages(): Session[] {
  const unlisted = PAGES.filter((path) => path !== '/index.html');
  return [
    { name: 'health', steps: HEALTH },
    {
      name: 'pages',
      steps: [
        ...FORMS.flatMap((form) => [accepting('/flagz', form), accepting('/statusz', form)]),
        ...unlisted.map((path) => get(path)),
        ...['POST', 'PUT', 'DELETE', 'PATCH'].flatMap((method) =>
          ['/version/', '/healthz/ping', '/healthz', '/logs', '/flagz/x'].map(
            (path): Step => ({ method, path }),
          ),
        ),
      ],
    },
    {
      name: 'pages and people',
      steps: PEOPLE.flatMap((person) =>
        SEEN.filter((path) => !hasText.has(path) || person['impersonate-group'] !== 'system:monitoring').map(
          (path) => get(path, person),
        ),
      ),
    },
  ];
}

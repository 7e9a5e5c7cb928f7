import type { Session, Step } from '../exchange.ts';

const MAPS = '/api/v1/namespaces/$N/configmaps';
const MAP = `${MAPS}/none`;
const JSON_TYPE = { 'content-type': 'application/json' };
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };
const APPLY_PATCH = { 'content-type': 'application/apply-patch+yaml' };
const get = (path: string, headers: Record<string, string> = {}): Step => ({ method: 'GET', path, headers });
const map = (name = 'x', more = '') =>
  `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}${more}}`;
const post = (query: string, body = map(), headers: Record<string, string> = JSON_TYPE): Step => ({
  method: 'POST',
  path: `${MAPS}?${query}`,
  headers,
  body,
});

const ENCODINGS = ['%', '%z', '%zz', '%a', '%2', '%41', '%00', '%25', '%0d%0a', '%7f', '+', ';', '%3b'];
const QUERIES = [
  '?',
  '&',
  '&&limit=x',
  '=',
  '=x',
  'limit',
  'limit=&limit=x',
  'limit=x&limit=1',
  'limit=1&limit=x',
];
const MORE_QUERIES = [
  'limit=1;limit=x',
  'LIMIT=x',
  'limit%3Dx',
  '%6cimit=x',
  'watch=0',
  'watch=false',
  '?limit=x',
];
const NUMBERS = [
  '-1',
  'NaN',
  '1e9',
  '9223372036854775808',
  '00',
  '+1',
  '-0',
  '0x10',
  '1.5',
  ' 1',
  '1_000',
  '١',
];
const SELECTORS = [
  ...['!a', '!', '=', '=b', 'a=', 'a in', 'a in (', 'a in ()', 'a in (,)', 'a notin (b', 'a>1', 'a>x', 'a<'],
  ...[
    '(',
    ')',
    'a,',
    'a,,b',
    ',a',
    ',',
    'a b',
    'a=b=c',
    ' a ',
    'a/b/c',
    '/a',
    'a/',
    '-a',
    'a-',
    'ä=b',
    'a=ä',
  ],
  ...[
    'exists a',
    'a\n=b',
    '\0',
    'a&b',
    'in=in',
    'notin',
    'in in (in)',
    'a=b,a=c',
    '!!a',
    'a>=1',
    'a=(b)',
    '__proto__',
  ],
  'a'.repeat(64),
  `a=${'b'.repeat(64)}`,
];
const FIELDS = [
  'metadata.name',
  'metadata.name=a\\',
  'metadata.name=a\\,b',
  'metadata.name=a\\x',
  'metadata.name>a',
];
const MANAGERS = [
  '',
  'a'.repeat(128),
  'a'.repeat(129),
  'ä'.repeat(65),
  '\0',
  '\n',
  'a\tb',
  '😀',
  '\u007f',
  '\u200b',
  '\u202e',
  '<x>',
];
const DRY_RUNS = ['', 'all', 'None', 'x', 'All,All', 'All&dryRun=x', 'true'];
const ACCEPTS = [
  ...[
    '',
    '*',
    'text/html',
    'application/json;q=0',
    'application/json;q=x',
    'application/*',
    'application/',
    '/',
  ],
  ...[
    'application/json;as=Table',
    'application/json;as=Table;v=v9;g=meta.k8s.io',
    'application/json;as=x;v=v1;g=meta.k8s.io',
  ],
  ...[
    'application',
    ',',
    ',,application/json',
    'application/json;;',
    '"x"',
    'application/json;a="b',
    'APPLICATION/JSON',
  ],
  Array.from({ length: 500 }, (_, i) => `a/b${i};q=0.${i}`).join(),
  `application/json;${Array.from({ length: 500 }, (_, i) => `p${i}=1`).join(';')}`,
  ','.repeat(2_000),
  '"'.repeat(2_000),
];
const BODIES: readonly string[] = [
  ...['', ' ', '\n', `\ufeff${map()}`, map() + map(), `${map()}x`, map('x', ',"data":{"a":"\0"}')],
  ...[
    map('x', ',"data":{"a":"\\u0000"}'),
    map('x', ',"data":{"\\u0000":"a"}'),
    map('x', ',"data":{"a":"\\ud800"}'),
  ],
  map('x', ',"data":{"__proto__":"a","constructor":"b"}'),
  '{"__proto__":{"a":1},"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}',
];
const TYPES = [
  '',
  'junk',
  'application/json; charset=utf-16',
  'application/json;',
  '*/*',
  'APPLICATION/JSON',
  'application/json, text/plain',
];
const DELETIONS = [
  'null',
  '[]',
  '{}',
  'x',
  '{"gracePeriodSeconds":"1"}',
  '{"preconditions":{"uid":1}}',
  '{"dryRun":["x"]}',
  '{"propagationPolicy":"x"}',
  '{"kind":"DeleteOptions","apiVersion":"apps/v1"}',
];
const USERS: readonly Record<string, string>[] = [
  { 'impersonate-user': '' },
  { 'impersonate-group': 'a' },
  { 'impersonate-uid': '1' },
  { 'impersonate-extra-a': '1' },
  { 'impersonate-user': 'system:serviceaccount:x' },
  { 'impersonate-user': 'a', 'impersonate-group': '' },
];

/** Malformed or hostile requests: odd encodings, numbers, selectors, options, bodies, types and users. */
export function hostile(): Session[] {
  const encoded = encodeURIComponent;
  const steps: Step[] = [
    ...ENCODINGS.flatMap((text) => [
      get(`${MAPS}?labelSelector=${text}`),
      get(`${MAPS}?limit=${text}`),
      get(`${MAPS}?${text}=1&limit=x`),
      get(`${MAPS}?continue=${text}`),
    ]),
    ...[...QUERIES, ...MORE_QUERIES].map((query) => get(`${MAPS}?${query}`)),
    ...NUMBERS.flatMap((number) => [
      ...['limit', 'timeoutSeconds', 'timeout'].map((name) => get(`${MAPS}?${name}=${encoded(number)}`)),
      get(`/api/v1/namespaces/$N/pods/x/log?tailLines=${encoded(number)}`),
      { method: 'DELETE', path: `${MAP}?gracePeriodSeconds=${encoded(number)}` },
    ]),
    ...['NaN', '-1', '1.5', '0x10', '99999999999999999999'].flatMap((version) => [
      get(`${MAPS}?resourceVersion=${version}`),
      get(`${MAP}?resourceVersion=${version}`),
      get(`${MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${version}`),
    ]),
    ...SELECTORS.flatMap((selector) => [
      get(`${MAPS}?labelSelector=${encoded(selector)}`),
      get(`${MAPS}?fieldSelector=${encoded(selector)}`),
    ]),
    ...FIELDS.map((selector) => get(`${MAPS}?fieldSelector=${encoded(selector)}`)),
    ...MANAGERS.flatMap((manager): Step[] => [
      post(`dryRun=All&fieldManager=${encoded(manager)}`),
      {
        method: 'PATCH',
        path: `${MAPS}/x?dryRun=All&fieldManager=${encoded(manager)}`,
        headers: APPLY_PATCH,
        body: map(),
      },
    ]),
    ...DRY_RUNS.flatMap((value): Step[] => [
      post(`dryRun=${value}`, map('Bad Name')),
      { method: 'DELETE', path: `${MAP}?dryRun=${value}` },
      { method: 'PATCH', path: `${MAP}?dryRun=${value}`, headers: MERGE_PATCH, body: '{}' },
    ]),
    ...['strict', 'x', 'x&fieldValidation=Strict'].map((value) =>
      post(`dryRun=All&fieldValidation=${value}`),
    ),
    ...['foreground', 'x', 'Background&orphanDependents=true'].map(
      (value): Step => ({ method: 'DELETE', path: `${MAP}?propagationPolicy=${value}` }),
    ),
    ...DELETIONS.map((body): Step => ({ method: 'DELETE', path: MAP, headers: JSON_TYPE, body })),
    ...BODIES.map((body) => post('dryRun=All', body)),
    ...TYPES.map((type) => post('dryRun=All', map(), { 'content-type': type })),
    ...ACCEPTS.map((accept) => get(MAP, { accept })),
    ...USERS.map((headers) => get(MAP, headers)),
  ];
  return [{ name: 'hostile', steps }];
}

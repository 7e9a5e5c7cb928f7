/**
 * Secrets in requests are never disclosed: not in log lines at the highest verbosity, audit events of level Metadata,
 * metrics or errors. `npm run fuzz -- no-secret-told` sends many more.
 */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textLine } from '../../../shared/util/log-lines.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import fc, { fuzzRuns } from '../../fixtures/fuzz.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-secrets-'));
const auditLogPath = join(folder, 'audit.log');
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** The token of a user who may do everything. */
const OWN_TOKEN = 'ownTokenThatNobodyReads';

const SIGNING_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;

const said: string[] = [];
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(
    {
      verbosity: 10,
      authorizationMode: ['RBAC'],
      tokenAuthFile: file('tokens.csv', `${OWN_TOKEN},root,0,system:masters\n`),
      auditPolicyFile: file(
        'policy.yaml',
        'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
      ),
      auditLogPath,
      serviceAccountSigningKeyFile: file('sa.key', SIGNING_KEY),
      serviceAccountKeyFile: [join(folder, 'sa.key')],
      serviceAccountIssuer: ['https://issuer.example'],
      apiAudiences: ['https://issuer.example'],
    },
    {
      authenticator: undefined,
      logger: newLogger((record) => said.push(textLine(record), JSON.stringify(record))),
    },
  );
  const kept = { metadata: { name: 'kept' }, stringData: { a: 'b' }, immutable: true };
  await call(server, 'POST', SECRETS, { headers: OWN, body: kept });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const SECRETS = '/api/v1/namespaces/default/secrets';
const OWN = { authorization: `Bearer ${OWN_TOKEN}` };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64URL = (text: string): string => Buffer.from(text).toString('base64url');

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
}

const IN_HEADERS: readonly ((secret: string) => Record<string, string>)[] = [
  (secret) => ({ authorization: `Bearer ${secret}` }),
  (secret) => ({ authorization: `bearer  ${secret} ` }),
  (secret) => ({
    authorization: `Bearer eyJhbGciOiJSUzI1NiJ9.${base64URL(`{"iss":"${secret}"}`)}.${secret}`,
  }),
  (secret) => ({ authorization: `Basic ${base64(`ada:${secret}`)}` }),
  (secret) => ({ authorization: secret }),
  (secret) => ({ cookie: `session=${secret}`, ...OWN }),
  (secret) => ({ 'proxy-authorization': `Basic ${base64(`ada:${secret}`)}`, ...OWN }),
  (secret) => ({
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${base64URL(secret)}, a.b`,
  }),
  (secret) => ({ 'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${secret}` }),
];

const META = { name: 'made' };
const OBJECTS: readonly ((secret: string) => unknown)[] = [
  (secret) => ({ metadata: META, data: { a: base64(secret) } }),
  (secret) => ({ metadata: META, stringData: { a: secret } }),
  (secret) => ({ metadata: META, data: { a: `!${secret}` } }),
  (secret) => ({ metadata: META, data: [secret] }),
  (secret) => ({ metadata: META, data: secret }),
  (secret) => ({ metadata: META, data: { a: [secret], 'no/key': base64(secret) } }),
  (secret) => ({ metadata: META, data: { 'no/key': base64(secret) } }),
  (secret) => ({ metadata: META, stringData: { 'no/key': secret }, type: 'kubernetes.io/tls' }),
  (secret) => ({
    metadata: META,
    data: { '.dockerconfigjson': base64(`{"a":"${secret}`) },
    type: 'kubernetes.io/dockerconfigjson',
  }),
  (secret) => ({ metadata: META, unknown: { a: secret }, data: { a: base64(secret) } }),
  (secret) => ({ metadata: { name: 'kept' }, data: { a: base64(secret) } }),
  (secret) => ({ metadata: { name: 'Not A Name' }, data: { a: base64(secret) } }),
  (secret) => ({ kind: 'Pod', apiVersion: 'v1', metadata: META, data: { a: base64(secret) } }),
  (secret) => ({ kind: 'Secret', apiVersion: 'v2', metadata: META, data: { a: base64(secret) } }),
];
const TEXTS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.slice(0, -1),
  (text) => `${text}}`,
  (text) => text.replace('"data"', '"data":{},"data"'),
  (text) => `${text},`,
];
const TYPES = [
  'application/json',
  'application/yaml',
  'application/cbor',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
];
const PATCHES: readonly (readonly [type: string, body: (secret: string) => string])[] = [
  ['application/merge-patch+json', (secret) => `{"data":{"a":"${base64(secret)}"}}`],
  ['application/merge-patch+json', (secret) => `{"data":{"a":"${base64(secret)}"`],
  ['application/strategic-merge-patch+json', (secret) => `{"stringData":{"a":"${secret}"}}`],
  ['application/json-patch+json', (secret) => `[{"op":"test","path":"/data/a","value":"${base64(secret)}"}]`],
  ['application/json-patch+json', (secret) => `[{"op":"replace","path":"/none/a","value":"${secret}"}]`],
  ['application/json-patch+json', (secret) => `[{"op":"${secret}"}]`],
  [
    'application/apply-patch+yaml',
    (secret) => `{kind: Secret, apiVersion: v1, data: {a: ${base64(secret)}}}`,
  ],
  ['application/apply-patch+yaml', (secret) => `{kind: Secret, apiVersion: v1, data: {a: [${secret}`],
];

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const READS = [
  '/api',
  SECRETS,
  `${SECRETS}/kept`,
  `${SECRETS}?watch=true&timeoutSeconds=0`,
  '/none',
  '/api/v1/nodes/none/proxy/',
  '/openapi/v2',
  '/readyz?verbose',
];

/** A request and the secret it contains. */
const requests = fc.stringMatching(/^[A-Za-z0-9]{18}$/).chain((secret) =>
  fc
    .oneof<fc.Arbitrary<{ method: string; url: string; sent: Sent }>[]>(
      fc.record({
        method: pick(['GET', 'POST', 'DELETE', 'OPTIONS']),
        url: pick(READS),
        sent: pick(IN_HEADERS).map((headers) => ({ headers: headers(secret) })),
      }),
      fc.record({
        method: pick(['POST', 'PUT']),
        url: pick([SECRETS, `${SECRETS}/made`, `${SECRETS}/kept`]).chain((url) =>
          pick(['Strict', 'Warn', 'Ignore']).map((level) => `${url}?dryRun=All&fieldValidation=${level}`),
        ),
        sent: fc.tuple(pick(OBJECTS), pick(TEXTS), pick(TYPES)).map(([object, text, type]) => ({
          headers: OWN,
          type,
          body: text(JSON.stringify(object(secret))),
        })),
      }),
      fc.record({
        method: fc.constant('PATCH'),
        url: pick([`${SECRETS}/kept`, `${SECRETS}/made?fieldManager=a`]),
        sent: pick(PATCHES).map(([type, body]) => ({ headers: OWN, type, body: body(secret) })),
      }),
      fc.record({
        method: fc.constant('POST'),
        url: fc.constant('/apis/authentication.k8s.io/v1/tokenreviews'),
        sent: pick(['', '"', ']']).map((end) => ({
          headers: OWN,
          body: `{"spec":{"token":"${secret}"}}${end}`,
        })),
      }),
    )
    .map((request) => ({ ...request, secret })),
);

/** The secret in all its encodings. */
const forms = (secret: string): string[] => [secret, base64(secret).replace(/=+$/, ''), base64URL(secret)];

function leaksIn(text: string, secret: string): string[] {
  return forms(secret)
    .filter((form) => text.includes(form))
    .map((form) => text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 40));
}

test('the secret in a request is never disclosed', { timeout: 600_000 }, async () => {
  const secrets: string[] = [];
  let found = 0;
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, url, sent, secret }) => {
      const { type = 'application/json', headers = {}, body } = sent;
      const about = { headers: { 'content-type': type, ...headers }, body };
      const { status, text } = await call(server, method, url, about);
      secrets.push(secret);
      const returned = leaksIn(text, secret);
      if (status >= 400) expect(returned).toEqual([]);
      found += returned.length;
      for (const line of said.splice(0)) expect(leaksIn(line, secret)).toEqual([]);
    }),
    { numRuns: fuzzRuns(120) },
  );
  // Responses that return it to its sender show that it would be found.
  expect(found).toBeGreaterThan(0);
  const { text: metrics } = await call(server, 'GET', '/metrics', { headers: OWN });
  const all = [metrics, readFileSync(auditLogPath, 'utf8')];
  for (const text of all)
    for (const secret of [OWN_TOKEN, ...secrets]) expect(leaksIn(text, secret)).toEqual([]);
});

/** Not a supported place for tokens, but a common mistake. Audit events contain the URI, as kube-apiserver's do. */
test.each(['token', 'access_token'])('the value of %s in a query is never disclosed', async (name) => {
  said.length = 0;
  const secret = `inTheAddressAs${name}`;
  for (const path of ['/api', SECRETS, `${SECRETS}/kept`, '/none', '/readyz']) {
    for (const headers of [OWN, {}]) await call(server, 'GET', `${path}?${name}=${secret}`, { headers });
  }
  const { text: metrics } = await call(server, 'GET', '/metrics', { headers: OWN });
  expect(said.length).toBeGreaterThan(0);
  for (const text of [...said, metrics]) expect(leaksIn(text, secret)).toEqual([]);
});

test('a requested token is returned to its requester', async () => {
  said.length = 0;
  const path = '/api/v1/namespaces/default/serviceaccounts';
  await call(server, 'POST', path, { headers: OWN, body: { metadata: { name: 'ada' } } });
  const { json } = await call(server, 'POST', `${path}/ada/token`, { headers: OWN, body: { spec: {} } });
  const { token } = json!['status'] as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect((await call(server, 'GET', SECRETS, { headers })).status).toBe(403);
  const { text: metrics } = await call(server, 'GET', '/metrics', { headers: OWN });
  const signature = token.split('.')[2]!;
  for (const text of [...said, metrics, readFileSync(auditLogPath, 'utf8')]) {
    expect(text).not.toContain(signature);
    expect(text).not.toContain(SIGNING_KEY.slice(40, 80));
  }
});

/** What is one tenant's, tried on another in the same process: nothing passes, and nothing of it is told. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FleetHost } from '../../../infra/local/fleet-host.ts';
import { fleetRouter } from '../../../shared/fleet/fleet-router.ts';
import {
  TenantDirectory,
  type TenantEntry,
  type TenantState,
} from '../../../shared/fleet/tenant-directory.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { type ApiHandler, headerFields } from '../../../shared/request/api-request.ts';
import { SDKDynamoDBTable } from '../../../shared/storage/dynamodb/sdk-dynamodb-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { publicAddresses } from '../../../shared/util/address-guard.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { testDynamoDBEndpoint } from '../../fixtures/storage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const TABLE = `attack-${process.pid}`;
const DOMAIN = 'k8s.example.com';
const SECRET = 'c0nfid3ntial-0f-acm3';
const BOOTSTRAP = 'abcdef.0123456789abcdef';

/** `acme` is attacked from, by whoever may do everything there; the others are what it would get at. */
const VICTIMS = ['other', 'acme-2'];
const STATES: Readonly<Record<string, TenantState>> = {
  ...{ new: 'Starting', sleepy: 'Suspended', moving: 'Moving', going: 'Deleting' },
};
const entry = (name: string): TenantEntry => ({
  name,
  owner: `default/${name}`,
  id: `${name}.0a1b2c3d`,
  state: STATES[name] ?? 'Active',
  table: TABLE,
  arguments: ['--authorization-mode=RBAC', '--enable-bootstrap-token-auth=true'],
  version: name === 'older' ? '1.30' : undefined,
  adminARNs: [],
  endpoint: `https://${name}.${DOMAIN}`,
});

interface Asked {
  readonly host?: string;
  readonly certificate?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}
interface JSONAnswer {
  readonly reason?: string;
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
  readonly items?: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
  readonly status?: { readonly token?: string };
  readonly data?: object;
}
interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: JSONAnswer;
}

let host: FleetHost;
let handler: ApiHandler;
let table: SDKDynamoDBTable;
const said: string[] = [];
const certificates: Record<string, string> = {};
let acme: { token: string; continueToken: string; revision: string; etag: string; uid: string };

async function ask(method: string, path: string, asked: Asked = {}): Promise<Answered> {
  const { certificate, headers = {}, query = {}, body } = asked;
  const answer = await handler({
    method,
    path,
    query: new URLSearchParams(query),
    host: asked.host ?? 'fleet.internal',
    headers: headerFields(Object.entries({ 'content-type': 'application/json', ...headers })),
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    clientCertificates: certificate === undefined ? undefined : [certificate],
    signal: AbortSignal.timeout(10_000),
    canStream: false,
  });
  const text = Buffer.from(answer.body as Uint8Array).toString();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: answer.status, headers: answer.headers, text, json };
}
/** As a tenant's admin. */
const as = (name: string, method: string, path: string, asked: Asked = {}) =>
  ask(method, `/tenants/${name}${path}`, { certificate: certificates[name]!, ...asked });

const MAPS = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  const endpoint = await testDynamoDBEndpoint();
  table = new SDKDynamoDBTable({ endpoint, tableName: TABLE });
  await table.create();
  const directory = new TenantDirectory(table);
  const logger = newLogger((record) => said.push(JSON.stringify(record)), 9);
  host = new FleetHost({
    openTable: (tableName) => new SDKDynamoDBTable({ endpoint, tableName }),
    tableName: TABLE,
    isAlone: true,
    directory,
    addresses: publicAddresses(),
    cipher: new ExtendedNonceCipher(new Uint8Array(32)),
    certificateAuthority: '',
    controllers: ['-*'],
    endpointOf: (name) => `https://${name}.${DOMAIN}`,
    logger,
  });
  handler = fleetRouter({
    directory,
    runtime: host.runtime,
    strangers: host.strangers,
    traffic: new TenantTraffic({ usage: new UsageMeter() }),
    management: async () => ({ status: 200, headers: {}, body: Buffer.from('management') }),
    domain: DOMAIN,
    logger,
  });
  await Promise.all(
    ['acme', ...VICTIMS, 'older', 'sleepy', 'moving', 'going'].map(async (name) => {
      await directory.write(entry(name), undefined);
      const kubeconfig = await host.newKubeconfig(entry(name));
      const [, data = ''] = /client-certificate-data: (\S+)/.exec(kubeconfig)!;
      certificates[name] = Buffer.from(data, 'base64').toString();
    }),
  );
  for (const name of ['a', 'b']) {
    await as('acme', 'POST', MAPS, { body: { metadata: { name }, data: { secret: SECRET } } });
  }
  // More than acme's, so that its revisions have been there.
  for (const victim of VICTIMS) {
    for (const name of ['v1', 'v2', 'v3', 'v4', 'v5']) {
      await as(victim, 'POST', MAPS, { body: { metadata: { name } } });
    }
  }
  const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';
  await as('acme', 'POST', accounts, { body: { metadata: { name: 'root' } } });
  await as('acme', 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'root' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [
        { kind: 'ServiceAccount', namespace: 'kube-system', name: 'root' },
        { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:bootstrappers' },
      ],
    },
  });
  const token = await as('acme', 'POST', `${accounts}/root/token`, { body: { spec: {} } });
  const [id, secret] = BOOTSTRAP.split('.');
  await as('acme', 'POST', '/api/v1/namespaces/kube-system/secrets', {
    body: {
      metadata: { name: `bootstrap-token-${id}` },
      type: 'bootstrap.kubernetes.io/token',
      stringData: { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-authentication': 'true' },
    },
  });
  const page = await as('acme', 'GET', MAPS, { query: { limit: '1' } });
  const model = await as('acme', 'GET', '/openapi/v3/api/v1');
  acme = {
    token: token.json.status!.token!,
    continueToken: page.json.metadata!.continue!,
    revision: page.json.metadata!.resourceVersion!,
    etag: String(model.headers['etag']),
    uid: page.json.items![0]!.metadata.uid,
  };
});
afterAll(async () => {
  await host.close();
  table.close();
});

/** Where to: by path and by host name. */
const WAYS: readonly ((name: string, path: string) => readonly [host: string, path: string])[] = [
  (name, path) => ['fleet.internal', `/tenants/${name}${path}`],
  (name, path) => [`${name}.${DOMAIN}`, path],
];

const CREDENTIALS: readonly (readonly [what: string, asked: () => Asked])[] = [
  ['a certificate', () => ({ certificate: certificates['acme']! })],
  ["a service account's token", () => ({ headers: { authorization: `Bearer ${acme.token}` } })],
  ['a bootstrap token', () => ({ headers: { authorization: `Bearer ${BOOTSTRAP}` } })],
  [
    'impersonation by an admin',
    () => ({
      certificate: certificates['acme']!,
      headers: { 'impersonate-user': 'x', 'impersonate-group': 'system:masters' },
    }),
  ],
  [
    'a front proxy with a certificate',
    () => ({
      certificate: certificates['acme']!,
      headers: { 'x-remote-user': 'x', 'x-remote-group': 'system:masters' },
    }),
  ],
];

/** What a request says of where it would rather have gone. */
const FORGED: Readonly<Record<string, string>> = {
  'x-forwarded-host': `acme.${DOMAIN}`,
  forwarded: `host=acme.${DOMAIN}`,
  'x-original-url': '/tenants/acme/api',
  'x-zeroplane-host': `acme.${DOMAIN}`,
  'x-tenant': 'acme',
};

const cases = CREDENTIALS.flatMap(([what, asked]) =>
  VICTIMS.flatMap((victim) =>
    WAYS.flatMap((way, i) => [false, true].map((isForged) => ({ what, asked, victim, way, i, isForged }))),
  ),
);

test.each(cases)(
  '$what of acme is nothing in $victim (way $i, forged: $isForged)',
  async ({ asked, victim, way, isForged }) => {
    const mine = asked();
    const [at, path] = way(victim, MAPS);
    const more = { host: at, headers: { ...mine.headers, ...(isForged && FORGED) } };
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { body: { metadata: { name: 'mine' } } } : {};
      const { status, json } = await ask(method, path, { ...mine, ...more, ...body });
      expect({ status, reason: json.reason }).toEqual({ status: 401, reason: 'Unauthorized' });
    }
    // The same is good at home, by the same way.
    const [home, own] = way('acme', MAPS);
    expect((await ask('GET', own, { ...mine, host: home })).status).toBe(200);
  },
);

test.each(VICTIMS)("acme's place in a list is none in %s's", async (victim) => {
  const query = { limit: '1', continue: acme.continueToken };
  const { status, json } = await as(victim, 'GET', MAPS, { query });
  // A place is a key and a revision: it tells of nothing, and goes on in the list that it is shown to.
  const names = json.items?.map(({ metadata }) => metadata.name);
  expect({ status, names }).toEqual({ status: 200, names: ['v1'] });
});

test.each(VICTIMS)("acme's uid and revision are nobody's in %s", async (victim) => {
  await as(victim, 'POST', MAPS, { body: { metadata: { name: 'a' } } });
  const { status } = await as(victim, 'DELETE', `${MAPS}/a`, {
    body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: acme.uid } },
  });
  expect(status).toBe(409);
  const got = await as(victim, 'GET', `${MAPS}/a`, { query: { resourceVersion: acme.revision } });
  expect(got.text).not.toContain(SECRET);
  expect((await as('acme', 'GET', `${MAPS}/a`)).json.data).toEqual({ secret: SECRET });
});

test.each(VICTIMS)("an ETag of acme's definitions is none of %s's", async (victim) => {
  const group = 'secret-things.example.com';
  await as('acme', 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    },
  });
  const discovered = await as(victim, 'GET', '/apis', { headers: { 'if-none-match': acme.etag } });
  expect([discovered.status, discovered.text.includes(group)]).toEqual([200, false]);
  const model = await as(victim, 'GET', `/openapi/v3/apis/${group}/v1`, {
    headers: { 'if-none-match': acme.etag },
  });
  expect(model.status).toBe(404);
});

test('acme/../other leads to what acme has there', async () => {
  const path = `/tenants/acme/../other${MAPS}`;
  expect((await ask('GET', path, { certificate: certificates['acme']! })).status).toBe(404);
});

test.each(['acme%2F..%2Fother', 'acme%23', 'acme#', 'ACME', 'fleet'])(
  '/tenants/%s leads nowhere',
  async (name) => {
    const path = `/tenants/${name}${MAPS}`;
    expect((await ask('GET', path, { certificate: certificates['acme']! })).status).toBe(401);
  },
);

/** Names that nobody has, or can have; states in which one serves nothing; and one that serves. */
const ABSENT = ['nobody-has-it', 'going', 'new', 'nobody', 'acme.0a1b2c3d', 'acme.', ''];
const CLOSED = ['sleepy', 'moving'];
const SERVING = ['other', 'older'];

/** What strangers show, acme's own among it. */
const SHOWN: readonly (readonly [what: string, asked: () => Asked])[] = [
  ['nothing', () => ({})],
  ...CREDENTIALS,
  ['a token that is none', () => ({ headers: { authorization: 'Bearer x' } })],
  ['a password', () => ({ headers: { authorization: 'Basic eDp5' } })],
  [
    'a token of a subprotocol',
    () => ({
      headers: {
        ...{ connection: 'upgrade', upgrade: 'websocket' },
        'sec-websocket-protocol': `base64url.bearer.authorization.k8s.io.${Buffer.from(acme.token).toString('base64url')}, v4.channel.k8s.io`,
      },
    }),
  ],
];
/** Whoever shows nothing, or a token, asks all of it; the others what is first. */
const ASKED: readonly (readonly [method: string, path: string, headers?: Record<string, string>])[] = [
  ['GET', MAPS],
  ['POST', MAPS],
  ['GET', '/version'],
  ['GET', '/readyz'],
  ['GET', '/no/such/path'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/apis', { accept: 'application/vnd.kubernetes.protobuf' }],
  ['GET', MAPS, { accept: 'application/yaml' }],
  ['GET', MAPS, { accept: 'text/nothing' }],
];

test.each(SHOWN)('who shows %s learns no name by it', async (what, asked) => {
  const mine = asked();
  const requests = ['nothing', 'a token that is none'].includes(what) ? ASKED : ASKED.slice(0, 1);
  const answers = await Promise.all(
    [...SERVING, ...CLOSED, ...ABSENT].map(async (name) => {
      const told: unknown[] = [];
      for (const way of WAYS) {
        for (const [method, path, headers] of requests) {
          const [at, to] = way(name, path);
          const more = { host: at, headers: { ...mine.headers, ...headers } };
          const answer = await ask(method, to, { ...mine, ...more });
          // Each answer has a number of its own.
          told.push([
            answer.status,
            { ...answer.headers, 'audit-id': typeof answer.headers['audit-id'] },
            answer.text,
          ]);
        }
      }
      return { name, told };
    }),
  );
  expect(answers[0]!.told.map((one) => (one as number[])[0])).toEqual(
    WAYS.flatMap(() => requests.map(() => 401)),
  );
  for (const { name, told } of answers) expect({ name, told }).toEqual({ name, told: answers[0]!.told });
});

test.each([
  ['sleepy', 'is suspended'],
  ['moving', 'is being moved'],
])('who shows what %s has signed hears that it %s', async (name, why) => {
  for (const way of WAYS) {
    const [at, path] = way(name, MAPS);
    const { status, text } = await ask('GET', path, { host: at, certificate: certificates[name]! });
    expect([status, JSON.parse(text).message]).toEqual([503, `control plane ${name} ${why}`]);
  }
});

test("a tenant's host name has no other tenant below it", async () => {
  const path = `/tenants/other${MAPS}`;
  const { status } = await ask('GET', path, { host: `acme.${DOMAIN}`, certificate: certificates['acme']! });
  expect(status).toBe(404);
});

test("one tenant's flood comes after what others ask", async () => {
  // What it waits for then is its turn, and no read of the table.
  await as('other', 'GET', MAPS);
  let served = 0;
  const flood = Array.from({ length: 200 }, async () => {
    expect((await as('acme', 'GET', MAPS)).status).toBe(200);
    served++;
  });
  expect((await as('other', 'GET', MAPS)).status).toBe(200);
  const servedBefore = served;
  await Promise.all(flood);
  expect(servedBefore).toBeLessThan(100);
});

test('neither credentials nor data are told, at the highest verbosity', () => {
  expect(said.length).toBeGreaterThan(10);
  for (const secret of [SECRET, acme.token, acme.token.split('.')[2]!, BOOTSTRAP]) {
    expect(said.filter((line) => line.includes(secret))).toEqual([]);
  }
});

/**
 * One tenant's credentials and identifiers, tried on another tenant of the same process: all are rejected, and nothing
 * about it is disclosed.
 */

import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signIAMToken } from '../../../infra/cli/login/iam-token.ts';
import type { TenantEntry, TenantState } from '../../../shared/fleet/tenant-directory.ts';
import { type AddressGuard, publicAddresses } from '../../../shared/util/address-guard.ts';
import {
  type Answered,
  type Asked,
  DOMAIN,
  type FleetProcess,
  startFleetProcess,
  tenantEntry,
} from '../../fixtures/fleet-process.ts';
import { type OIDCProvider, startOIDCProvider } from '../../fixtures/oidc-provider.ts';
import { type FakeSTS, type KnownKey, startFakeSTS } from '../../fixtures/sts.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const TABLE = `attack-${process.pid}`;
const SECRET = 'c0nfid3ntial-0f-acm3';
const BOOTSTRAP = 'abcdef.0123456789abcdef';
/** An AWS identity that is an admin of every tenant. */
const PLATFORM: KnownKey = {
  accessKeyId: 'AKIAEXAMPLE000000000',
  secretAccessKey: 'secret of ada',
  arn: 'arn:aws:sts::111122223333:assumed-role/Platform/ada',
};
const IAM_CLUSTER = 'fleet.us-east-1.111122223333';

let sts: FakeSTS;
/** The provider of `acme` and `other`, each of which maps it differently. */
let provider: OIDCProvider;

/** A token with an invalid signature. */
function foreignToken(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const more = { exp: Math.floor(Date.now() / 1000) + 600 };
  return `${part({ alg: 'RS256', kid: 'x' })}.${part({ ...more, ...claims })}.${'A'.repeat(342)}`;
}

/** The attacker may do everything in `acme`; the others are its victims. */
const VICTIMS = ['other', 'acme-2'];
const STATES: Readonly<Record<string, TenantState>> = {
  ...{ new: 'Starting', sleepy: 'Suspended', going: 'Deleting' },
};
const entry = (name: string): TenantEntry =>
  tenantEntry(name, TABLE, {
    state: STATES[name] ?? 'Active',
    arguments: [
      ...['--authorization-mode=RBAC', '--enable-bootstrap-token-auth=true'],
      ...(['acme', 'other'].includes(name)
        ? [`--oidc-issuer-url=${provider.issuer}`, `--oidc-client-id=${name}`]
        : []),
    ],
    version: name === 'older' ? '1.30' : undefined,
    adminARNs: ['arn:aws:iam::111122223333:role/Platform'],
  });

let fleet: FleetProcess;
const ask = (method: string, path: string, asked?: Asked): Promise<Answered> =>
  fleet.ask(method, path, asked);
const as = (name: string, method: string, path: string, asked?: Asked): Promise<Answered> =>
  fleet.as(name, method, path, asked);
let acme: {
  token: string;
  openID: string;
  iam: string;
  frontProxy: string;
  continueToken: string;
  revision: string;
  etag: string;
  uid: string;
};

const MAPS = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  [sts, provider] = await Promise.all([startFakeSTS([PLATFORM]), startOIDCProvider()]);
  const { issuer, certificateAuthority: ca, key } = provider;
  const [elsewhere, withProvider] = [publicAddresses(), publicAddresses(['127.0.0.1/32'])];
  // As if it were on the internet, with a publicly trusted certificate.
  const addresses: AddressGuard = {
    connection: (url) =>
      url.origin === issuer ? { ...withProvider.connection(url), ca } : elsewhere.connection(url),
  };
  fleet = await startFleetProcess(TABLE, ['acme', ...VICTIMS, 'older', 'sleepy', 'going'].map(entry), {
    addresses,
    iam: { clusterID: IAM_CLUSTER, stsEndpoint: sts.endpoint },
  });
  for (const name of ['a', 'b']) {
    await as('acme', 'POST', MAPS, { body: { metadata: { name }, data: { secret: SECRET } } });
  }
  // More than in acme, so that acme's revisions exist there.
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
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: `${issuer}#ada` },
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
  const frontProxy = await fleet.host.runtime.use(entry('acme'), ({ keys }) => keys.proxyClient());
  acme = {
    frontProxy: frontProxy.certificate,
    token: token.json.status!.token!,
    openID: await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .setIssuer(issuer)
      .setAudience('acme')
      .setExpirationTime('1h')
      .sign(key),
    iam: signIAMToken({
      clusterID: `${entry('acme').id}.${IAM_CLUSTER}`,
      region: 'us-east-1',
      credentials: PLATFORM,
    }).token,
    continueToken: page.json.metadata!.continue!,
    revision: page.json.metadata!.resourceVersion!,
    etag: String(model.headers['etag']),
    uid: page.json.items![0]!.metadata.uid,
  };
});
afterAll(async () => {
  await fleet?.close();
  sts?.close();
  provider?.close();
});

/** Addresses: by path and by host name. */
const WAYS: readonly ((name: string, path: string) => readonly [host: string, path: string])[] = [
  (name, path) => ['fleet.internal', `/tenants/${name}${path}`],
  (name, path) => [`${name}.${DOMAIN}`, path],
];

/** `atHome`: the status that its own tenant returns for it. */
type Shown = readonly [what: string, asked: () => Asked, atHome?: number | undefined];

const TOKENS: readonly (readonly [what: string, token: () => string, atHome?: number])[] = [
  ["a service account's token", () => acme.token],
  ['a bootstrap token', () => BOOTSTRAP],
  ["an OpenID token of acme's issuer", () => acme.openID],
  [
    "a token that says to be of acme's issuer",
    () => foreignToken({ iss: provider.issuer, aud: 'acme', sub: 'ada' }),
    401,
  ],
  ['an IAM identity that is an admin everywhere, signed for acme', () => acme.iam],
];

const CREDENTIALS: readonly Shown[] = [
  ...TOKENS.map(
    ([what, token, atHome]): Shown => [
      what,
      () => ({ headers: { authorization: `Bearer ${token()}` } }),
      atHome,
    ],
  ),
  ['a certificate', () => ({ certificate: fleet.certificates['acme']! })],
  [
    'impersonation by an admin',
    () => ({
      certificate: fleet.certificates['acme']!,
      headers: { 'impersonate-user': 'x', 'impersonate-group': 'system:masters' },
    }),
  ],
  [
    'a front proxy with a certificate',
    () => ({
      certificate: fleet.certificates['acme']!,
      headers: { 'x-remote-user': 'x', 'x-remote-group': 'system:masters' },
    }),
  ],
  [
    "a front proxy with acme's own certificate for what it aggregates",
    () => ({
      certificate: acme.frontProxy,
      headers: { 'x-remote-user': 'x', 'x-remote-group': 'system:masters' },
    }),
    // Intended for servers behind it.
    401,
  ],
];

/** Headers that claim another destination. */
const FORGED: Readonly<Record<string, string>> = {
  'x-forwarded-host': `acme.${DOMAIN}`,
  forwarded: `host=acme.${DOMAIN}`,
  'x-original-url': '/tenants/acme/api',
  'x-zeroplane-host': `acme.${DOMAIN}`,
  'x-tenant': 'acme',
};

const cases = CREDENTIALS.flatMap(([what, asked, atHome = 200]) =>
  VICTIMS.flatMap((victim) =>
    WAYS.flatMap((way, i) =>
      // Additional headers are tried on one of the victims.
      (victim === 'other' ? [false, true] : [false]).map((isForged) => ({
        what,
        asked,
        atHome,
        victim,
        way,
        i,
        isForged,
      })),
    ),
  ),
);

test.each(cases)(
  '$what of acme is invalid in $victim (way $i, forged: $isForged)',
  async ({ asked, atHome, victim, way, isForged }) => {
    const mine = asked();
    // In its own tenant it has the expected result, which is cached from then on.
    const [home, own] = way('acme', MAPS);
    const askHome = async () => (await ask('GET', own, { ...mine, host: home })).status;
    expect(await askHome()).toBe(atHome);
    const [at, path] = way(victim, MAPS);
    const more = { host: at, headers: { ...mine.headers, ...(isForged && FORGED) } };
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { body: { metadata: { name: 'mine' } } } : {};
      const { status, json } = await ask(method, path, { ...mine, ...more, ...body });
      expect({ status, reason: json.reason }).toEqual({ status: 401, reason: 'Unauthorized' });
    }
    // A result in another tenant does not affect its own.
    expect(await askHome()).toBe(atHome);
  },
);

/** The result of a TokenReview, by a tenant's admin, of a credential from another tenant. */
async function review(tenant: string, token: string): Promise<boolean> {
  const { status, json } = await as(tenant, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    body: { spec: { token } },
  });
  expect(status).toBe(201);
  return json.status?.authenticated ?? false;
}

const reviews = TOKENS.flatMap(([what, token, atHome = 200]) =>
  VICTIMS.map((victim) => ({ what, token, isGood: atHome === 200, victim })),
);
test.each(reviews)('$what of acme is rejected by a review in $victim', async ({ token, isGood, victim }) => {
  const answers: boolean[] = [];
  for (const tenant of ['acme', victim, 'acme']) answers.push(await review(tenant, token()));
  expect(answers).toEqual([isGood, false, isGood]);
});

test.each(VICTIMS)("acme's continue token is not valid in %s", async (victim) => {
  const query = { limit: '1', continue: acme.continueToken };
  const { status, json } = await as(victim, 'GET', MAPS, { query });
  // A continue token has a key and a revision: it discloses nothing, and continues the list of the tenant it is used
  // in.
  const names = json.items?.map(({ metadata }) => metadata.name);
  expect({ status, names }).toEqual({ status: 200, names: ['v1'] });
});

test.each(VICTIMS)("acme's uid and revision match nothing in %s", async (victim) => {
  await as(victim, 'POST', MAPS, { body: { metadata: { name: 'a' } } });
  const { status } = await as(victim, 'DELETE', `${MAPS}/a`, {
    body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: acme.uid } },
  });
  expect(status).toBe(409);
  const got = await as(victim, 'GET', `${MAPS}/a`, { query: { resourceVersion: acme.revision } });
  expect(got.text).not.toContain(SECRET);
  expect((await as('acme', 'GET', `${MAPS}/a`)).json.data).toEqual({ secret: SECRET });
});

test.each(VICTIMS)("an ETag of acme's definitions is not valid in %s", async (victim) => {
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

test("a document's address with acme's hash opens nothing in another tenant", async () => {
  // The addresses are public names of contents: one tenant's must not lead to what another has cached.
  const index = JSON.parse((await as('acme', 'GET', '/openapi/v3')).text) as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  const [path, { serverRelativeURL }] = Object.entries(index.paths).find(([name]) =>
    name.includes('secret-things'),
  )!;
  const hash = new URL(serverRelativeURL, 'https://any').searchParams.get('hash')!;
  expect((await as('acme', 'GET', `/openapi/v3/${path}`, { query: { hash } })).status).toBe(200);
  for (const query of [{ hash }, {}]) {
    expect((await as('other', 'GET', `/openapi/v3/${path}`, { query })).status).toBe(404);
  }
});

test('two tenants with the same definition, which is compiled once, have only their own objects', async () => {
  const [group, plural] = ['alike.example.com', 'twins'];
  const definition = {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind: 'Twin' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  };
  const things = `/apis/${group}/v1/namespaces/default/${plural}`;
  for (const tenant of ['acme', 'other']) {
    await as(tenant, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition });
    const body = { apiVersion: `${group}/v1`, kind: 'Twin', metadata: { name: `of-${tenant}` } };
    await expect
      .poll(async () => (await as(tenant, 'POST', things, { body })).status, { timeout: 20_000 })
      .toBe(201);
  }
  for (const tenant of ['acme', 'other']) {
    const { json } = await as(tenant, 'GET', things);
    expect(json.items?.map(({ metadata }) => metadata.name)).toEqual([`of-${tenant}`]);
  }
});

/** Paths about the server itself, for a tenant's admin. */
const OF_THE_SERVER = [
  '/metrics',
  '/metrics/slis',
  '/statusz',
  '/flagz',
  '/healthz?verbose',
  '/version',
  '/ui',
  '/logs',
];
test.each(OF_THE_SERVER)('%s of a tenant says nothing of others or of the host', async (path) => {
  const [name = '', query = ''] = path.split('?');
  const { status, text } = await as('older', 'GET', name, { query: query === '' ? {} : { [query]: '' } });
  expect([200, 404]).toContain(status);
  const foreign = ['acme', 'sleepy', 'secret-things', TABLE, IAM_CLUSTER, process.cwd()];
  expect(foreign.filter((one) => text.includes(one))).toEqual([]);
});

test('acme/../other is a path in acme', async () => {
  const path = `/tenants/acme/../other${MAPS}`;
  expect((await ask('GET', path, { certificate: fleet.certificates['acme']! })).status).toBe(404);
});

test.each(['acme%2F..%2Fother', 'acme%23', 'acme#', 'ACME', 'fleet'])(
  '/tenants/%s is not found',
  async (name) => {
    const path = `/tenants/${name}${MAPS}`;
    expect((await ask('GET', path, { certificate: fleet.certificates['acme']! })).status).toBe(401);
  },
);

/** Names that do not or can't exist; states in which a tenant does not serve; and tenants that serve. */
const ABSENT = ['nobody-has-it', 'going', 'new', 'nobody', 'acme.0a1b2c3d', 'acme.', ''];
const CLOSED = ['sleepy'];
const SERVING = ['other', 'older'];

/** Credentials of absentTenants, including acme's own. */
const SHOWN: readonly Shown[] = [
  ['nothing', () => ({})],
  ...CREDENTIALS,
  [
    "a token that says to be of any tenant's service accounts",
    () => ({
      headers: {
        authorization: `Bearer ${foreignToken({
          ...{ iss: 'https://kubernetes.default.svc', sub: 'system:serviceaccount:kube-system:root' },
        })}`,
      },
    }),
  ],
  ['an invalid token', () => ({ headers: { authorization: 'Bearer x' } })],
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
/** Requests without credentials or with a token cover all of these, others only the first. */
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

const shown = SHOWN.map(([what, asked]) => ({ what, asked }));
test.each(shown)("a client with $what can't discover names", async ({ what, asked }) => {
  const mine = asked();
  const requests = ['nothing', 'an invalid token'].includes(what) ? ASKED : ASKED.slice(0, 1);
  const answers = await Promise.all(
    [...SERVING, ...CLOSED, ...ABSENT].map(async (name) => {
      const told: unknown[] = [];
      for (const way of WAYS) {
        for (const [method, path, headers] of requests) {
          const [at, to] = way(name, path);
          const more = { host: at, headers: { ...mine.headers, ...headers } };
          const answer = await ask(method, to, { ...mine, ...more });
          // Each response has a unique audit ID.
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

test("a client with a suspended tenant's signed credential learns that it is suspended", async () => {
  for (const way of WAYS) {
    const [at, path] = way('sleepy', MAPS);
    const { status, json } = await ask('GET', path, { host: at, certificate: fleet.certificates['sleepy']! });
    expect([status, json.message]).toEqual([503, 'control plane sleepy is suspended']);
  }
});

test.each(VICTIMS)("acme's webhook is not called for %s", async (victim) => {
  const hooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await as('acme', 'POST', hooks, {
    body: {
      metadata: { name: `of-${victim}` },
      webhooks: [
        {
          ...{ name: 'hook.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'] },
          // There need not be a server: any call to it fails.
          clientConfig: { url: 'https://127.0.0.1:1/x' },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] }],
        },
      ],
    },
  });
  const secrets = '/api/v1/namespaces/default/secrets';
  const create = async (name: string) => {
    const { status, json } = await as(name, 'POST', secrets, {
      body: { metadata: { name: `of-${victim}` } },
    });
    return [status, json.message];
  };
  expect([await create('acme'), await create(victim)]).toEqual([
    [500, expect.stringContaining('address not allowed')],
    [201, undefined],
  ]);
  await as('acme', 'DELETE', `${hooks}/of-${victim}`);
});

test("a tenant's host name has no other tenant below it", async () => {
  const path = `/tenants/other${MAPS}`;
  const { status } = await ask('GET', path, {
    host: `acme.${DOMAIN}`,
    certificate: fleet.certificates['acme']!,
  });
  expect(status).toBe(404);
});

test("one tenant's flood does not delay others", async () => {
  // Load both tenants, so that the requests only wait for their turn.
  await Promise.all([as('other', 'GET', MAPS), as('acme', 'GET', MAPS)]);
  fleet.begun.length = 0;
  const flood = Array.from({ length: 200 }, () => as('acme', 'GET', MAPS));
  const answers = await Promise.all([...flood, as('other', 'GET', MAPS)]);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  // The limit of a tenant's concurrent requests, independent of the order of arrival.
  expect(fleet.begun.indexOf('other')).toBe(16);
});

test('neither credentials nor data are logged, at the highest verbosity', () => {
  expect(fleet.said.length).toBeGreaterThan(10);
  for (const secret of [SECRET, acme.token, acme.token.split('.')[2]!, BOOTSTRAP, acme.openID, acme.iam]) {
    expect(fleet.said.filter((line) => line.includes(secret))).toEqual([]);
  }
});

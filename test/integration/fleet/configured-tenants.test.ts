/** Configurations of tenants, turned against the host and against other tenants. */

import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TenantFiles } from '../../../shared/fleet/tenant-configuration.ts';
import type { TenantEntry } from '../../../shared/fleet/tenant-directory.ts';
import { digestOf } from '../../../shared/fleet/tenant-files.ts';
import { TenantKeyRows } from '../../../shared/fleet/tenant-key-rows.ts';
import { KEYS, TenantTable } from '../../../shared/storage/dynamodb/tenant-table.ts';
import { ExtendedNonceCipher } from '../../../shared/storage/encryption/aes-gcm.ts';
import { type AddressGuard, publicAddresses } from '../../../shared/util/address-guard.ts';
import {
  type Answered,
  type FleetProcess,
  startFleetProcess,
  tenantEntry,
} from '../../fixtures/fleet-process.ts';
import { type OIDCProvider, startOIDCProvider } from '../../fixtures/oidc-provider.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const TABLE = `configured-${process.pid}`;
const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRET = 'c0nfid3ntial-t0ken';

const kubeconfig = (server: string) =>
  JSON.stringify({
    clusters: [{ name: 'x', cluster: { server } }],
    users: [{ name: 'x', user: { token: SECRET } }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    'current-context': 'x',
  });
const authorizer = {
  type: 'Webhook',
  name: 'x.example.com',
  webhook: {
    ...{ authorizedTTL: '1m', unauthorizedTTL: '1m', timeout: '3s', subjectAccessReviewVersion: 'v1' },
    ...{ failurePolicy: 'Deny', connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/hook' } },
  },
};
const auditing = { audit: { rules: [{ level: 'Metadata' }] } };
const imagePolicy = {
  plugins: [{ name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile: 'hook' } } }],
};
const RBAC = { type: 'RBAC', name: 'rbac' };

/** Tenants with a webhook at this address, by what it is for. */
const hooked = (server: string): Readonly<Record<string, readonly [string[], TenantFiles]>> => {
  const texts = { hook: kubeconfig(server) };
  return {
    authorizer: [[], { configurations: { authorization: { authorizers: [RBAC, authorizer] } }, texts }],
    tokens: [['--authentication-token-webhook-config-file=hook'], { configurations: {}, texts }],
    audit: [
      [
        '--audit-webhook-config-file=hook',
        '--audit-webhook-mode=blocking-strict',
        '--audit-webhook-initial-backoff=1ms',
      ],
      { configurations: auditing, texts },
    ],
    images: [
      ['--enable-admission-plugins=ImagePolicyWebhook'],
      { configurations: { admission: imagePolicy }, texts },
    ],
  };
};
const NAMES = Object.keys(hooked(''));
/** An address, and a name that resolves to one, with the reasons for which they are refused. */
const PLACES = new Map([
  ['http://169.254.169.254/latest', 'dial tcp 169.254.169.254:80: address not allowed'],
  ['https://localhost:1/', 'dial tcp: lookup localhost: address not allowed'],
]);

const files = new Map<string, TenantFiles>();
const entries: TenantEntry[] = [
  tenantEntry('plain', TABLE),
  ...[...PLACES.keys()].flatMap((server, at) =>
    Object.entries(hooked(server)).map(([name, [flags, own]]) => {
      const entry = tenantEntry(`${name}-${at}`, TABLE, { arguments: flags, files: digestOf(own) });
      files.set(entry.id, own);
      return entry;
    }),
  ),
  // Names the files of another tenant.
  tenantEntry('thief', TABLE, { files: digestOf(hooked([...PLACES.keys()][0]!)['authorizer']![1]) }),
];
const byName = (name: string): TenantEntry => entries.find((entry) => entry.name === name)!;

let fleet: FleetProcess;
/** The two issuers of the tenant `issued`. */
let people: OIDCProvider;
let pipelines: OIDCProvider;

const issuedBy = (provider: OIDCProvider, prefix: string) => ({
  issuer: {
    url: provider.issuer,
    audiences: ['issued'],
    certificateAuthority: provider.certificateAuthority,
  },
  claimMappings: { username: { claim: 'sub', prefix }, groups: { expression: 'claims.teams' } },
});

beforeAll(async () => {
  [people, pipelines] = await Promise.all([startOIDCProvider(), startOIDCProvider()]);
  const jwt = [issuedBy(people, 'people:'), issuedBy(pipelines, 'ci:')];
  const issued: TenantFiles = { configurations: { authentication: { jwt } }, texts: {} };
  const entry = tenantEntry('issued', TABLE, { files: digestOf(issued) });
  files.set(entry.id, issued);
  entries.push(entry);
  const [elsewhere, here] = [publicAddresses(), publicAddresses(['127.0.0.1/32'])];
  const issuers = [people.issuer, pipelines.issuer];
  const addresses: AddressGuard = {
    connection: (url) => (issuers.includes(url.origin) ? here : elsewhere).connection(url),
  };
  fleet = await startFleetProcess(TABLE, [], { addresses });
  for (const entry of entries) {
    await fleet.host.keepFiles(entry, files.get(entry.id) ?? { configurations: {}, texts: {} }, undefined);
    await fleet.directory.write(entry, undefined);
  }
});
afterAll(async () => {
  await fleet?.close();
  people?.close();
  pipelines?.close();
});

async function certificateOf(name: string): Promise<string> {
  const [, data = ''] = /client-certificate-data: (\S+)/.exec(await fleet.host.newKubeconfig(byName(name)))!;
  return Buffer.from(data, 'base64').toString();
}

const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
/** A request that makes the host call the webhook, and its result if the address is refused for a reason. */
const CALLS: Readonly<
  Record<
    string,
    readonly [send: (name: string) => Promise<Answered>, answer: (reason: string) => readonly unknown[]]
  >
> = {
  authorizer: [
    async (name) =>
      fleet.as(name, 'GET', MAPS, {
        certificate: await certificateOf(name),
        headers: { 'impersonate-user': 'eve' },
      }),
    (reason) => [500, `Internal error occurred: the webhook did not answer: ${reason}`],
  ],
  tokens: [
    (name) => fleet.as(name, 'GET', MAPS, { headers: { authorization: 'Bearer x' } }),
    () => [401, 'Unauthorized'],
  ],
  audit: [
    async (name) => fleet.as(name, 'GET', MAPS, { certificate: await certificateOf(name) }),
    () => [500, 'Internal error occurred: failed to store audit event'],
  ],
  images: [
    async (name) => {
      const certificate = await certificateOf(name);
      const body = { metadata: { name: 'default' } };
      await fleet.as(name, 'POST', '/api/v1/namespaces/default/serviceaccounts', { certificate, body });
      return fleet.as(name, 'POST', '/api/v1/namespaces/default/pods', { certificate, body: pod });
    },
    (reason) => [403, `pods "p" is forbidden: the webhook did not answer: ${reason}`],
  ],
};

test.each(NAMES.flatMap((name) => [...PLACES].map(([place, reason], at) => ({ name, place, reason, at }))))(
  'the webhook of a tenant for $name is not called at $place',
  async ({ name, reason, at }) => {
    const [send, answer] = CALLS[name]!;
    const { status, json } = await send(`${name}-${at}`);
    expect([status, json.message]).toEqual(answer(reason));
    // For the tenant's owner and the fleet's operator.
    expect(
      fleet.said.some((line) => line.includes(`"tenant":"${name}-${at}"`) && line.includes(reason)),
    ).toBe(true);
  },
);

const tokenOf = ({ issuer, key }: OIDCProvider): Promise<string> =>
  new SignJWT({ sub: 'ada', teams: ['shop'] })
    .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
    .setIssuer(issuer)
    .setAudience('issued')
    .setExpirationTime('1h')
    .sign(key);

test('a tenant has several issuers, each with its own mapping, which other tenants do not have', async () => {
  const whoami = async (tenant: string, provider: OIDCProvider) => {
    const headers = { authorization: `Bearer ${await tokenOf(provider)}` };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { status, json } = await fleet.as(tenant, 'POST', path, { headers, body });
    return [
      status,
      (json.status as { userInfo?: { username: string; groups: string[] } } | undefined)?.userInfo,
    ];
  };
  const groups = ['shop', 'system:authenticated'];
  expect(await whoami('issued', people)).toEqual([201, { username: 'people:ada', groups }]);
  expect(await whoami('issued', pipelines)).toEqual([201, { username: 'ci:ada', groups }]);
  expect(await whoami('plain', people)).toEqual([401, undefined]);
});

test("the digest of another tenant's files opens nothing", async () => {
  const headers = { authorization: 'Bearer x' };
  const unavailable = [503, 'control plane thief is unavailable'];
  const ask = async () => {
    const { status, json } = await fleet.as('thief', 'GET', MAPS, { headers });
    return [status, json.message];
  };
  expect(await ask()).toEqual(unavailable);
  // Not even if its row is copied: it is sealed for its tenant.
  const [victim, thief] = [byName('authorizer-0'), byName('thief')];
  const row = { pk: KEYS, sk: `files/${victim.files}` };
  const stored = await new TenantTable(fleet.table, victim.id).get(row, { consistent: true });
  await new TenantTable(fleet.table, thief.id).write({ put: { ...row, d: stored!['d']! } });
  expect(await ask()).toEqual(unavailable);
  const rows = new TenantKeyRows(
    new TenantTable(fleet.table, thief.id),
    thief.id,
    new ExtendedNonceCipher(new Uint8Array(32)),
  );
  await expect(rows.get(row.sk)).rejects.toThrow('the stored data can not be decrypted');
});

test('what is in the files is not logged, at the highest verbosity', () => {
  expect(fleet.said.length).toBeGreaterThan(10);
  expect(fleet.said.filter((line) => line.includes(SECRET))).toEqual([]);
});

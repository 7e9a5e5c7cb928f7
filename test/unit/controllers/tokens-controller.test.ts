import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeEach, expect, test } from 'vitest';
import type { Secret, ServiceAccount } from '../../../shared/apis/core/v1/types.ts';
import { LEGACY_ISSUER } from '../../../shared/authn/serviceaccount/claims.ts';
import { parseSigningKey } from '../../../shared/authn/serviceaccount/keys.ts';
import { ServiceAccountTokenGenerator } from '../../../shared/authn/serviceaccount/token-generator.ts';
import { TokensController } from '../../../shared/controllers/service-account/tokens-controller.ts';
import { MemoryResources } from '../../fixtures/memory-resources.ts';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const TYPE = 'kubernetes.io/service-account-token';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = parseSigningKey(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const generator = new ServiceAccountTokenGenerator(LEGACY_ISSUER, async () => key);

let resources: MemoryResources;
let controller: TokensController;
beforeEach(async () => {
  resources = new MemoryResources();
  controller = new TokensController(resources, { generator, rootCA: () => 'CA' });
  const account: ServiceAccount = { metadata: { name: 'robot', namespace: 'shop', uid: 'u1' } };
  await resources.client.create(ACCOUNTS, account, { namespace: 'shop' });
});
const put = (annotations: Record<string, string>, more: Partial<Secret> = {}): Promise<Secret> =>
  resources.client.create<Secret>(
    SECRETS,
    { type: TYPE, metadata: { name: 'token', namespace: 'shop', annotations }, ...more },
    { namespace: 'shop' },
  );
const NAME = { 'kubernetes.io/service-account.name': 'robot' };
const UID = { 'kubernetes.io/service-account.uid': 'u1' };
const secret = async (): Promise<Secret | undefined> =>
  (await resources.client.list<Secret>(SECRETS, { namespace: 'shop' }))[0];
const text = (value: string | undefined) => Buffer.from(value ?? '', 'base64').toString();

test('fills empty Secrets, once', async () => {
  await put(NAME);
  await controller.reconcile('shop/token');
  const { metadata, data = {} } = (await secret())!;
  expect(metadata.annotations).toEqual({ ...NAME, ...UID });
  expect([text(data['namespace']), text(data['ca.crt'])]).toEqual(['shop', 'CA']);
  expect(decodeJwt(text(data['token']))).toEqual({
    iss: 'kubernetes/serviceaccount',
    sub: 'system:serviceaccount:shop:robot',
    'kubernetes.io/serviceaccount/namespace': 'shop',
    'kubernetes.io/serviceaccount/secret.name': 'token',
    'kubernetes.io/serviceaccount/service-account.name': 'robot',
    'kubernetes.io/serviceaccount/service-account.uid': 'u1',
  });
  resources.writes.length = 0;
  await controller.reconcile('shop/');
  expect(resources.writes).toEqual([]);
});

test('a new CA is published, an existing token is kept', async () => {
  await put(NAME, { data: { token: 'dA==', 'ca.crt': 'b2xk', other: 'eA==' } });
  await controller.reconcile('shop/token');
  expect((await secret())!.data).toEqual({
    token: 'dA==',
    'ca.crt': 'Q0E=',
    other: 'eA==',
    namespace: 'c2hvcA==',
  });
});

test.each([
  ['was deleted', { 'kubernetes.io/service-account.name': 'nobody' }],
  ['was recreated under the same name', { ...NAME, 'kubernetes.io/service-account.uid': 'u0' }],
])('the token of an account that %s is deleted', async (_name, annotations) => {
  await put(annotations);
  await controller.reconcile('shop/token');
  expect(await secret()).toBeUndefined();
});

test.each<[string, Record<string, string>, Partial<Secret>]>([
  ['of another type', NAME, { type: 'Opaque' }],
  ['without an account', {}, {}],
])('a Secret %s is ignored', async (_name, annotations, more) => {
  await put(annotations, more);
  resources.writes.length = 0;
  await controller.reconcile('shop/token');
  await controller.reconcile('shop/');
  expect(resources.writes).toEqual([]);
});

test('keys', async () => {
  const of = (resource: string, type: 'ADDED' | 'DELETED', object: object) =>
    controller.keysFor({
      type,
      resource: { group: '', resource },
      namespace: 'shop',
      name: 'x',
      object: () => object as Secret,
    });
  expect(of('serviceaccounts', 'DELETED', {})).toEqual(['shop/']);
  expect(of('secrets', 'ADDED', { type: TYPE })).toEqual(['shop/x']);
  expect(of('secrets', 'ADDED', { type: 'Opaque' })).toEqual([]);
  expect(of('secrets', 'DELETED', { type: TYPE })).toEqual([]);
  await put(NAME);
  expect(await controller.allKeys()).toEqual(['shop/token']);
});

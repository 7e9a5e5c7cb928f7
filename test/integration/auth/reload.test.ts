/** Configuration files that change while a server runs. */

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { ControlPlaneOptions } from '../../../shared/server/create-control-plane.ts';
import type { ServerRunOptions } from '../../../shared/server/options/options.ts';
import type { KeyService } from '../../../shared/storage/encryption/envelope/key-service.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { certificate } from '../../unit/authn/pki.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-reload-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const write = (name: string, content: unknown): string => {
  writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content));
  return path(name);
};
const configuration = (kind: string, fields: object) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind,
  ...fields,
});

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const start = async (options: Partial<ServerRunOptions>, more: Partial<ControlPlaneOptions> = {}) => {
  server = await startTestServer(options, more);
};
const get = async (url: string, token?: string) =>
  call(server!, 'GET', url, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  });
/** The errors logged so far. */
const errorsAfter = async (url: string, token?: string): Promise<string> => {
  await get(url, token);
  return server!.errors.join('\n');
};
/** Files are checked once a second. */
const soon = <T>(ask: () => Promise<T>, expected: T) =>
  vi.waitFor(async () => expect(await ask()).toEqual(expected), { timeout: 10_000, interval: 250 });

describe('AuthorizationConfiguration', () => {
  const TOKENS = write('tokens.csv', 'anna,anna,1\n');
  const authorizers = (...types: string[]) =>
    configuration('AuthorizationConfiguration', {
      authorizers: types.map((type) => ({ type, name: type.toLowerCase() })),
    });

  test('another chain takes effect immediately; an invalid one changes nothing', async () => {
    const authorizationConfig = write('authorization.json', authorizers('RBAC'));
    await start({ authorizationConfig, tokenAuthFile: TOKENS }, { authenticator: undefined });
    const status = async () => (await get('/api/v1/secrets', 'anna')).status;
    expect(await status()).toBe(403);
    write('authorization.json', authorizers('RBAC', 'AlwaysAllow'));
    await soon(status, 200);
    write('authorization.json', authorizers('RBAC'));
    await soon(status, 403);

    for (const [content, message] of [
      [authorizers('AlwaysAllow'), 'missing required types: [RBAC]'],
      [
        authorizers('AlwaysAllow', 'RBAC', 'Node'),
        'authorizer type Node is not allowed if it was not enabled at initial server startup',
      ],
      ['{', authorizationConfig],
      [authorizers(), 'authorizers: Required value: at least one authorization mode must be defined'],
    ] as const) {
      write('authorization.json', content);
      await soon(
        async () => (await errorsAfter('/version', 'anna')).split('\nUnable').at(-1),
        expect.stringContaining(message),
      );
      expect(await status()).toBe(403);
    }
  });

  test('authorizers other than webhooks are named by their type', async () => {
    const authorizationConfig = write(
      'named.json',
      configuration('AuthorizationConfiguration', { authorizers: [{ type: 'RBAC', name: 'mine' }] }),
    );
    await expect(start({ authorizationConfig })).rejects.toThrow(
      'expected name rbac for authorizer RBAC instead of mine',
    );
  });
});

describe('AuthenticationConfiguration', () => {
  let provider: Server | undefined;
  afterEach(() => provider?.close());

  test('issuers are added and removed; the anonymous configuration stays', async () => {
    const local = await certificate({
      name: 'CN=localhost',
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
      ],
    });
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const key = await webcrypto.subtle.exportKey('pkcs8', local.keys.privateKey);
    let issuer = '';
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }] };
    provider = createServer(
      { cert: local.pem, key: x509.PemConverter.encode(key, 'PRIVATE KEY') },
      ({ url }, response) => {
        response.end(JSON.stringify(url === '/keys' ? keys : { issuer, jwks_uri: `${issuer}/keys` }));
      },
    );
    await new Promise<void>((resolve) => provider!.listen(0, '127.0.0.1', resolve));
    issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    const jwt = {
      issuer: { url: issuer, audiences: ['me'], certificateAuthority: local.pem },
      claimMappings: { username: { claim: 'sub', prefix: 'oidc:' } },
    };
    const anonymous = { enabled: true, conditions: [{ path: '/livez' }] };
    const file = (fields: object) =>
      write('authentication.json', configuration('AuthenticationConfiguration', fields));
    const token = await new SignJWT({ sub: 'anna' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer(issuer)
      .setAudience('me')
      .setExpirationTime('1h')
      .sign(privateKey);

    await start(
      { authenticationConfig: file({ anonymous }), authorizationMode: ['RBAC'] },
      { authenticator: undefined },
    );
    const whoami = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const url = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const { status, json } = await call(server!, 'POST', url, { headers, body: {} });
      const { userInfo } = (json?.['status'] ?? {}) as { userInfo?: { username: string } };
      return userInfo?.username ?? status;
    };
    expect(await whoami()).toBe(401);
    file({ anonymous, jwt: [jwt] });
    await soon(whoami, 'oidc:anna');

    file({ anonymous: { enabled: true }, jwt: [] });
    await soon(
      async () => errorsAfter('/version', 'unknown'),
      expect.stringContaining('anonymous: Forbidden: changed from initial configuration file'),
    );
    expect([(await get('/livez')).status, (await get('/version')).status]).toEqual([200, 401]);
    expect(await whoami()).toBe('oidc:anna');

    file({ anonymous, jwt: [{ ...jwt, claimMappings: { username: { claim: 'sub', prefix: '' } } }] });
    // Valid tokens are cached for ten seconds.
    await vi.waitFor(async () => expect(await whoami()).toBe('anna'), { timeout: 20_000, interval: 500 });
  }, 60_000);
});

describe('EncryptionConfiguration', () => {
  const SECRETS = '/api/v1/namespaces/default/secrets';
  const aes = (name: string, fill: number) => ({
    aescbc: { keys: [{ name, secret: Buffer.alloc(32, fill).toString('base64') }] },
  });
  const kms = (name: string) => ({
    kms: {
      apiVersion: 'v2',
      name,
      endpoint: `aws-kms:arn:aws:kms:eu-west-1:111122223333:alias/${name}`,
    },
  });
  const file = (...providers: object[]) =>
    write(
      'encryption.json',
      configuration('EncryptionConfiguration', { resources: [{ resources: ['secrets'], providers }] }),
    );

  /** Leaves data unencrypted; keys listed in `ill` fail. */
  const ill = new Set<string>();
  const newKeyService = ({ name }: { readonly name: string }): KeyService => ({
    keyID: async () => name,
    encrypt: async (plain, annotations) => {
      if (ill.has(name)) throw new Error(`${name} is ill`);
      return { ciphertext: plain, keyID: name, annotations };
    },
    decrypt: async ({ ciphertext }) => ciphertext,
  });

  const versionOf = (json: Record<string, unknown> | undefined) =>
    (json!['metadata'] as { resourceVersion: string }).resourceVersion;
  /** `kubectl get | kubectl replace`: returns whether the object was written. */
  const replace = async () => {
    const { json } = await get(`${SECRETS}/s`);
    const answer = await call(server!, 'PUT', `${SECRETS}/s`, { body: json });
    if (answer.status !== 200) return answer.text;
    return versionOf(answer.json) !== versionOf(json);
  };

  test('keys rotate without a restart: a replaced object is re-encrypted once', async () => {
    const encryptionProviderConfig = file(aes('one', 1), { identity: {} });
    await start({ encryptionProviderConfig, encryptionProviderConfigAutomaticReload: true });
    const body = { metadata: { name: 's' }, data: { a: 'Yg==' } };
    expect((await call(server!, 'POST', SECRETS, { body })).status).toBe(201);
    expect(await replace()).toBe(false);
    // The new key first reads, then writes; then the old one is removed.
    file(aes('one', 1), aes('two', 2));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(await replace()).toBe(false);
    file(aes('two', 2), aes('one', 1));
    await soon(replace, true);
    expect(await replace()).toBe(false);
    file(aes('two', 2));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect((await get(`${SECRETS}/s`)).json).toMatchObject({ data: { a: 'Yg==' } });
    // A missing key: the value can't be read, but is not lost.
    file(aes('three', 3));
    await soon(async () => (await get(`${SECRETS}/s`)).status, 500);
    file(aes('two', 2));
    await soon(async () => (await get(`${SECRETS}/s`)).status, 200);
    file({ aescbc: { keys: [{ name: 'x', secret: 'aHVudGVyMg==' }] } });
    await soon(
      async () => errorsAfter(`${SECRETS}/s`),
      expect.stringContaining('secret is not of the expected length'),
    );
    expect((await get(`${SECRETS}/s`)).status).toBe(200);
    expect(server!.errors.join('\n')).not.toContain('aHVudGVyMg');
  }, 30_000);

  const checks = async (url: string) => {
    const { status, text } = await get(`${url}?verbose`);
    const lines = text.split('\n').filter((line) => line.includes('kms'));
    return [status, ...lines];
  };

  test('each KMS has a health check', async () => {
    ill.clear();
    await start({ encryptionProviderConfig: file(kms('a'), kms('b'), { identity: {} }) }, { newKeyService });
    expect(await checks('/readyz')).toEqual([200, '[+]kms-provider-0 ok', '[+]kms-provider-1 ok']);
    expect(await checks('/livez')).toEqual([200]);
    expect((await get('/healthz/kms-provider-1')).text).toBe('ok');
    expect((await get('/healthz/kms-providers')).status).toBe(404);
  });

  test('an unhealthy KMS is reported', async () => {
    ill.add('b');
    await start({ encryptionProviderConfig: file(kms('a'), kms('b'), { identity: {} }) }, { newKeyService });
    expect(await checks('/readyz')).toEqual([
      500,
      '[+]kms-provider-0 ok',
      '[-]kms-provider-1 failed: reason withheld',
    ]);
    expect(await checks('/livez')).toEqual([200]);
    expect((await get('/healthz/kms-provider-1')).text).toBe('internal server error: b is ill\n');
  });

  test('with reload there is a single health check, and no KMS takes over while unhealthy', async () => {
    ill.clear();
    ill.add('b');
    const encryptionProviderConfig = file(kms('a'), { identity: {} });
    const encryptionProviderConfigAutomaticReload = true;
    await start({ encryptionProviderConfig, encryptionProviderConfigAutomaticReload }, { newKeyService });
    const body = { metadata: { name: 's' }, data: { a: 'Yg==' } };
    expect((await call(server!, 'POST', SECRETS, { body })).status).toBe(201);
    file(kms('b'), kms('a'));
    await soon(async () => errorsAfter(`${SECRETS}/s`), expect.stringContaining('b is ill'));
    expect(await replace()).toBe(false);
    expect(await checks('/readyz')).toEqual([200, '[+]kms-providers ok']);
    ill.clear();
    file(kms('b'), kms('a'), { identity: {} });
    await soon(replace, true);
    ill.add('b');
    expect(await checks('/healthz')).toEqual([200, '[+]kms-providers ok']);
  }, 30_000);

  test('reload requires a file', async () => {
    await expect(start({ encryptionProviderConfigAutomaticReload: true })).rejects.toThrow(
      '--encryption-provider-config-automatic-reload must be set with --encryption-provider-config',
    );
  });
});

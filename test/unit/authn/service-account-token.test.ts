import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Secret } from '../../../shared/apis/core/v1/types.ts';
import { boundTokenValidator } from '../../../shared/authn/serviceaccount/bound-validator.ts';
import { boundClaims, LEGACY_ISSUER, legacyClaims } from '../../../shared/authn/serviceaccount/claims.ts';
import {
  parsePublicKeys,
  parseSigningKey,
  staticPublicKeys,
} from '../../../shared/authn/serviceaccount/keys.ts';
import { legacyTokenValidator } from '../../../shared/authn/serviceaccount/legacy-validator.ts';
import { openIDMetadata } from '../../../shared/authn/serviceaccount/openid-metadata.ts';
import { ServiceAccountTokenAuthenticator } from '../../../shared/authn/serviceaccount/token-authenticator.ts';
import { ServiceAccountTokenGenerator } from '../../../shared/authn/serviceaccount/token-generator.ts';
import type { ServiceAccountTokenGetter } from '../../../shared/authn/serviceaccount/token-getter.ts';

const pem = (key: KeyObject) =>
  key.export(
    key.type === 'private' ? { type: 'pkcs8', format: 'pem' } : { type: 'spki', format: 'pem' },
  ) as string;
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [current, previous, foreign] = [pair(), pair(), pair()];
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const NOW = Date.parse('2026-05-01T12:00:00Z');
const now = NOW / 1000;
const issuer = 'https://cluster.example';
const apiAudiences = ['https://cluster.example', 'api'];

const object = (name: string, namespace: string | undefined, uid: string) => ({
  metadata: { name, namespace, uid },
});
type Objects = Record<string, { metadata: { uid?: string; deletionTimestamp?: string; name: string } }>;
const world = (changes: Objects = {}): ServiceAccountTokenGetter => {
  const objects: Objects = {
    'serviceaccount ci/bot': object('bot', 'ci', 'sa-1'),
    'pod ci/p': object('p', 'ci', 'pod-1'),
    'secret ci/s': object('s', 'ci', 'secret-1'),
    'node n': object('n', undefined, 'node-1'),
    ...changes,
  };
  const get = async (key: string) => objects[key] as never;
  return {
    getServiceAccount: (namespace, name) => get(`serviceaccount ${namespace}/${name}`),
    getPod: (namespace, name) => get(`pod ${namespace}/${name}`),
    getSecret: (namespace, name) => get(`secret ${namespace}/${name}`),
    getNode: (name) => get(`node ${name}`),
  };
};

const keys = parsePublicKeys(pem(current.publicKey) + pem(previous.privateKey) + pem(rsa.publicKey));
const authenticator = (getter = world(), at = NOW) =>
  new ServiceAccountTokenAuthenticator({
    issuers: [issuer, 'https://old.example'],
    keys: staticPublicKeys(keys),
    apiAudiences,
    validate: boundTokenValidator(getter, () => at),
  });
const generator = (key: KeyObject = current.privateKey, iss = issuer) =>
  new ServiceAccountTokenGenerator(iss, async () => parseSigningKey(pem(key)));
const claims = (more: Partial<Parameters<typeof boundClaims>[0]> = {}) => ({
  ...boundClaims({
    serviceAccount: object('bot', 'ci', 'sa-1'),
    expirationSeconds: 3600,
    warnAfterSeconds: 0,
    audiences: ['api'],
    now,
    ...more,
  }),
  jti: 'id-1',
});
const bot = {
  name: 'system:serviceaccount:ci:bot',
  uid: 'sa-1',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:ci'],
  extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] },
};

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A handmade token with any header and payload. */
function forge(
  header: object,
  payload: object | string,
  key: KeyObject | string = current.privateKey,
): string {
  const body = typeof payload === 'string' ? Buffer.from(payload).toString('base64url') : encode(payload);
  const input = `${encode(header)}.${body}`;
  const signature =
    typeof key === 'string'
      ? createHmac('sha256', key).update(input).digest()
      : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
const signed = { ...claims(), iss: issuer };
const kidOf = (key: KeyObject) => parsePublicKeys(pem(createPublicKey(pem(key))))[0]!.keyID;

describe('bound tokens', () => {
  test.each([
    ['the current key', current.privateKey, issuer],
    ['an earlier key', previous.privateKey, issuer],
    ['an RSA key', rsa.privateKey, issuer],
    ['an earlier issuer', current.privateKey, 'https://old.example'],
  ])('%s', async (_name, key, iss) => {
    const token = await generator(key, iss).generateToken(claims());
    expect(await authenticator().authenticateToken(token, [])).toEqual({ user: bot, audiences: ['api'] });
  });

  test('without a kid any key may have signed', async () => {
    expect(await authenticator().authenticateToken(forge({ alg: 'ES256' }, signed), [])).toBeDefined();
  });

  test("bound objects are in the user's extra", async () => {
    const pod = object('p', 'ci', 'pod-1');
    const token = await generator().generateToken(claims({ pod, node: object('n', undefined, 'node-1') }));
    const response = await authenticator(
      world({ 'node n': object('n', undefined, 'another') }),
    ).authenticateToken(token, []);
    expect(response?.user.extra).toEqual({
      'authentication.kubernetes.io/credential-id': ['JTI=id-1'],
      'authentication.kubernetes.io/pod-name': ['p'],
      'authentication.kubernetes.io/pod-uid': ['pod-1'],
      'authentication.kubernetes.io/node-name': ['n'],
      'authentication.kubernetes.io/node-uid': ['node-1'],
    });
  });

  test('audiences are the requested ones of the token', async () => {
    const token = await generator().generateToken(claims({ audiences: ['vault', 'api', 'x'] }));
    expect((await authenticator().authenticateToken(token, ['x', 'vault', 'y']))?.audiences).toEqual([
      'x',
      'vault',
    ]);
  });

  test('a token past its warning time is noted in the audit log', async () => {
    const annotations: string[] = [];
    const token = await generator().generateToken(claims({ warnAfterSeconds: 60, expirationSeconds: 9000 }));
    await authenticator(world(), NOW + 100_000).authenticateToken(token, [], {
      addAuditAnnotation: (key, value) => annotations.push(`${key}: ${value}`),
      addWarning: () => expect.unreachable(),
    });
    expect(annotations).toEqual([
      'authentication.k8s.io/stale-token: subject: system:serviceaccount:ci:bot, seconds after warning threshold: 40',
    ]);
  });

  const good = { alg: 'ES256', kid: kidOf(current.publicKey) };
  const refusals: [string, string, string][] = [
    [
      'another key',
      forge({ alg: 'ES256' }, signed, foreign.privateKey),
      'go-jose/go-jose: error in cryptographic primitive',
    ],
    [
      'another key under our kid',
      forge(good, signed, foreign.privateKey),
      'go-jose/go-jose: error in cryptographic primitive',
    ],
    [
      'our other key under the wrong kid',
      forge(good, signed, previous.privateKey),
      'go-jose/go-jose: error in cryptographic primitive',
    ],
    ['an unknown kid', forge({ alg: 'ES256', kid: 'x' }, signed), 'invalid signature, no keys found'],
    [
      'a kid that is a path',
      forge({ alg: 'ES256', kid: '../../dev/null' }, signed),
      'invalid signature, no keys found',
    ],
    [
      "a kid that isn't a string",
      forge({ alg: 'ES256', kid: ['x'] }, signed),
      'invalid signature, no keys found',
    ],
    ['alg none', `${encode({ alg: 'none' })}.${encode(signed)}.`, '"alg"'],
    ['alg None', `${encode({ alg: 'None', kid: good.kid })}.${encode(signed)}.AA`, '"alg"'],
    [
      'the public key as HMAC secret',
      forge({ alg: 'HS256', kid: good.kid }, signed, pem(current.publicKey)),
      '"alg"',
    ],
    [
      'an embedded key',
      forge({ alg: 'ES256', jwk: foreign.publicKey.export({ format: 'jwk' }) }, signed, foreign.privateKey),
      'go-jose/go-jose: error in cryptographic primitive',
    ],
    [
      'an unknown critical extension',
      forge({ ...good, crit: ['x'], x: 1 }, signed),
      'Extension Header Parameter "x" is not recognized',
    ],
    [
      'no namespace',
      forge(good, { ...signed, 'kubernetes.io': { serviceaccount: { name: 'bot', uid: 'sa-1' } } }),
      'service account claim is missing',
    ],
    ['no Kubernetes claims', forge(good, { iss: issuer, aud: 'api' }), 'unexpected private claim'],
    [
      "Kubernetes claims that aren't an object",
      forge(good, { ...signed, 'kubernetes.io': 'x' }),
      'unexpected private claim',
    ],
    ['an audience of numbers', forge(good, { ...signed, aud: [1] }), 'token audience is invalid'],
    [
      "an expiry that isn't a number",
      forge(good, { ...signed, exp: 'never' }),
      'unexpected validation error',
    ],
    [
      "a pod claim that isn't an object",
      forge(good, { ...signed, 'kubernetes.io': { ...signed['kubernetes.io'], pod: 'p' } }),
      'pod claim is invalid',
    ],
  ];
  test.each(refusals)('rejects: %s', async (_name, token, message) => {
    await expect(authenticator().authenticateToken(token, [])).rejects.toThrow(message);
    await expect(authenticator().authenticateToken(token, [])).rejects.toHaveProperty(
      'name',
      'AuthenticationError',
    );
  });

  test('a changed payload invalidates the signature', async () => {
    const [header, , signature] = (await generator().generateToken(claims())).split('.');
    const token = `${header}.${encode({ ...signed, 'kubernetes.io': { ...signed['kubernetes.io'], namespace: 'kube-system' } })}.${signature}`;
    await expect(authenticator().authenticateToken(token, [])).rejects.toThrow(
      'go-jose/go-jose: error in cryptographic primitive',
    );
  });

  test('the last of duplicate claims counts, for the decision and later use', async () => {
    const twice = (first: string, last: string) =>
      forge(good, JSON.stringify(signed).replace(`"iss":"${issuer}"`, `"iss":"${first}","iss":"${last}"`));
    expect(await authenticator().authenticateToken(twice('https://evil.example', issuer), [])).toBeDefined();
    expect(
      await authenticator().authenticateToken(twice(issuer, 'https://evil.example'), []),
    ).toBeUndefined();
  });

  test.each([
    ['another issuer', forge({ alg: 'ES256' }, { ...signed, iss: 'https://evil.example' })],
    ['no issuer', forge({ alg: 'ES256' }, { sub: 'x' })],
    ['an issuer from Object.prototype', forge({ alg: 'ES256' }, { iss: 'constructor' })],
    ['an opaque token', 'abcdef'],
    ['two parts', 'a.b'],
    ['four parts', `${forge({ alg: 'ES256' }, signed)}.x`],
    ["a payload that isn't JSON", forge({ alg: 'ES256' }, 'x')],
    ['a payload that is a list', forge({ alg: 'ES256' }, '[]')],
    ["a header that isn't JSON", `x.${encode(signed)}.AA`],
    ['a JWS in JSON serialization', JSON.stringify({ payload: encode(signed) })],
    ['a too long token', `${forge({ alg: 'ES256' }, signed)}${'A'.repeat(64 * 1024)}`],
  ])('is ignored: %s', async (_name, token) => {
    expect(await authenticator().authenticateToken(token, [])).toBeUndefined();
  });

  const gone = (name: string, uid: string, secondsAgo: number) => ({
    metadata: { name, uid, deletionTimestamp: new Date(NOW - secondsAgo * 1000).toISOString() },
  });
  const bound = {
    pod: object('p', 'ci', 'pod-1'),
    secret: object('s', 'ci', 'secret-1'),
    node: object('n', undefined, 'node-1'),
  };
  const none = undefined as never;
  const objects: [string, Parameters<typeof claims>[0], Objects, string | undefined][] = [
    [
      "the service account doesn't exist",
      {},
      { 'serviceaccount ci/bot': none },
      'serviceaccounts "bot" not found',
    ],
    [
      'the service account is another one',
      {},
      { 'serviceaccount ci/bot': object('bot', 'ci', 'sa-2') },
      'service account UID (sa-2) does not match claim (sa-1)',
    ],
    [
      'the service account is being deleted',
      {},
      { 'serviceaccount ci/bot': gone('bot', 'sa-1', 61) },
      'service account ci/bot has been deleted',
    ],
    [
      'the service account has just been deleted',
      {},
      { 'serviceaccount ci/bot': gone('bot', 'sa-1', 59) },
      undefined,
    ],
    [
      "the pod doesn't exist",
      { pod: bound.pod },
      { 'pod ci/p': none },
      'service account token has been invalidated',
    ],
    [
      'the pod is another one',
      { pod: bound.pod },
      { 'pod ci/p': object('p', 'ci', 'pod-2') },
      'pod UID (pod-2) does not match service account pod ref claim (pod-1)',
    ],
    [
      'the pod is being deleted',
      { pod: bound.pod },
      { 'pod ci/p': gone('p', 'pod-1', 61) },
      'service account token has been invalidated',
    ],
    [
      "the secret doesn't exist",
      { secret: bound.secret },
      { 'secret ci/s': none },
      'service account token has been invalidated',
    ],
    [
      'the secret is another one',
      { secret: bound.secret },
      { 'secret ci/s': object('s', 'ci', 'x') },
      'secret UID (x) does not match service account secret ref claim (secret-1)',
    ],
    [
      "the node doesn't exist",
      { node: bound.node },
      { 'node n': none },
      'service account token has been invalidated',
    ],
    [
      'the node is another one',
      { node: bound.node },
      { 'node n': object('n', undefined, 'x') },
      'node UID (x) does not match service account node ref claim (node-1)',
    ],
    ["the pod's node doesn't exist", { pod: bound.pod, node: bound.node }, { 'node n': none }, undefined],
  ];
  test.each(objects)('when %s', async (_name, binding, changes, message) => {
    const answer = authenticator(world(changes)).authenticateToken(
      await generator().generateToken(claims(binding)),
      [],
    );
    if (message === undefined) expect(await answer).toBeDefined();
    else await expect(answer).rejects.toThrow(message);
  });

  test.each([
    ['expired', 3600 + 61, 'service account token has expired'],
    ['within the leeway', 3600 + 59, undefined],
    ['not yet valid', -61, 'service account token is not valid yet'],
    ['almost valid', -59, undefined],
  ])('time: %s', async (_name, seconds, message) => {
    const token = await generator().generateToken(claims());
    const answer = authenticator(world(), NOW + seconds * 1000).authenticateToken(token, []);
    if (message === undefined) expect(await answer).toBeDefined();
    else await expect(answer).rejects.toThrow(message);
  });

  test('a wrong audience', async () => {
    const token = await generator().generateToken(claims({ audiences: ['vault'] }));
    await expect(authenticator().authenticateToken(token, [])).rejects.toThrow(
      'token audiences ["vault"] is invalid for the target audiences ["https://cluster.example" "api"]',
    );
  });
});

describe('legacy tokens', () => {
  const account = object('bot', 'ci', 'sa-1');
  const legacy = (getter: ServiceAccountTokenGetter) =>
    new ServiceAccountTokenAuthenticator({
      issuers: [LEGACY_ISSUER],
      keys: staticPublicKeys(keys),
      apiAudiences,
      validate: legacyTokenValidator(getter),
    });
  const issue = (more: object = {}) =>
    generator(current.privateKey, LEGACY_ISSUER).generateToken({ ...legacyClaims(account, 's'), ...more });
  const holding = (token: string, metadata: object = {}): Objects => {
    const secret: Secret = {
      metadata: { name: 's', namespace: 'ci', uid: 'secret-1', ...metadata },
      data: { token: Buffer.from(token).toString('base64') },
    };
    return { 'secret ci/s': secret as never };
  };

  test('are valid while their Secret contains them', async () => {
    const token = await issue();
    expect(await legacy(world(holding(token))).authenticateToken(token, [])).toEqual({
      user: { ...bot, extra: {} },
      audiences: apiAudiences,
    });
  });

  test('record their use once a day', async () => {
    const token = await issue();
    const use = async (metadata: object, bound: readonly { name: string }[] = []) => {
      const told: string[] = [];
      const changes = {
        ...holding(token, metadata),
        'serviceaccount ci/bot': { ...object('bot', 'ci', 'sa-1'), secrets: bound } as never,
      };
      const validate = legacyTokenValidator(
        world(changes),
        async ({ metadata: { uid } }, day) => void told.push(`label ${uid} ${day}`),
        () => NOW,
      );
      const publicKeys = staticPublicKeys(keys);
      const options = { issuers: [LEGACY_ISSUER], keys: publicKeys, apiAudiences, validate };
      await new ServiceAccountTokenAuthenticator(options)
        .authenticateToken(token, [], {
          addAuditAnnotation: (key, value) => told.push(`${key}=${value}`),
          addWarning: (text) => told.push(`warning ${text}`),
        })
        .catch((error: Error) => told.push(error.message.split('.')[0]!));
      expect(told.shift()).toBe('authentication.k8s.io/legacy-token=system:serviceaccount:ci:bot');
      return told;
    };
    const manual = 'authentication.k8s.io/legacy-token-manual-secret=s';
    const lastUsed = (day: string) => ({ labels: { 'kubernetes.io/legacy-token-last-used': day } });
    expect(await use({})).toEqual([manual, 'label secret-1 2026-05-01']);
    expect(await use(lastUsed('2026-04-30'))).toEqual([manual, 'label secret-1 2026-05-01']);
    expect(await use(lastUsed('2026-05-01'))).toEqual([manual]);
    expect(await use(lastUsed('2026-05-02'))).toEqual([manual]);
    expect(await use({}, [{ name: 's' }])).toEqual([
      'warning Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.',
      'authentication.k8s.io/legacy-token-autogenerated-secret=s',
      'label secret-1 2026-05-01',
    ]);
    expect(await use({ labels: { 'kubernetes.io/legacy-token-invalid-since': '' } })).toEqual([
      manual,
      'label secret-1 2026-05-01',
    ]);
    expect(await use(label)).toEqual([
      'authentication.k8s.io/legacy-token-invalidated=s/ci',
      'label secret-1 2026-05-01',
      'the token in secret ci/s for service account ci/bot has been marked invalid',
    ]);
  });

  test('are valid for the API server only', async () => {
    const token = await issue();
    await expect(legacy(world(holding(token))).authenticateToken(token, ['vault'])).rejects.toThrow(
      'is invalid for the target audiences',
    );
  });

  const label = { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } };
  const table: [string, object, (token: string) => Objects, string][] = [
    ['no Secret', {}, () => ({ 'secret ci/s': undefined as never }), 'Token has been invalidated'],
    [
      'a Secret that is being deleted',
      {},
      (token) => holding(token, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'Token has been invalidated',
    ],
    ['a Secret with another token', {}, () => holding('x'), "Token does not match server's copy"],
    ['a Secret without a token', {}, () => ({}), "Token does not match server's copy"],
    [
      'a Secret marked invalid',
      {},
      (token) => holding(token, label),
      'the token in secret ci/s for service account ci/bot has been marked invalid.',
    ],
    [
      'no service account',
      {},
      (token) => ({ ...holding(token), 'serviceaccount ci/bot': undefined as never }),
      'serviceaccounts "bot" not found',
    ],
    [
      'another service account',
      {},
      (token) => ({ ...holding(token), 'serviceaccount ci/bot': object('bot', 'ci', 'x') }),
      'ServiceAccount UID (x) does not match claim (sa-1)',
    ],
    ['another subject', { sub: 'system:serviceaccount:ci:root' }, holding, 'sub claim is invalid'],
    ['no subject', { sub: undefined }, holding, 'sub claim is missing'],
    [
      'no UID',
      { 'kubernetes.io/serviceaccount/service-account.uid': '' },
      holding,
      'serviceAccountUID claim is missing',
    ],
  ];
  test.each(table)('rejected: %s', async (_name, more, changes, message) => {
    const token = await issue(more);
    await expect(legacy(world(changes(token))).authenticateToken(token, [])).rejects.toThrow(message);
  });
});

describe('keys', () => {
  test('private and public keys of a pair have the same ID', () => {
    expect(parseSigningKey(pem(rsa.privateKey)).keyID).toBe(parsePublicKeys(pem(rsa.publicKey))[0]!.keyID);
  });

  test.each([
    ['nothing', ''],
    ['an Ed25519 key', pem(generateKeyPairSync('ed25519').publicKey)],
    [
      'a curve without a JWT algorithm',
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
    ],
  ])('rejected: %s', (_name, text) => {
    expect(() => parsePublicKeys(text)).toThrow();
  });
});

describe('discovery documents', () => {
  const options = {
    issuer,
    externalAddress: '10.0.0.1:6443',
    keys: staticPublicKeys(parsePublicKeys(pem(rsa.publicKey) + pem(current.publicKey))),
  };

  test('contain the issuer and the public keys only', async () => {
    const metadata = openIDMetadata(options);
    const jwks = await metadata.keys();
    expect(await metadata.configuration()).toEqual({
      contentType: 'application/json',
      body: '{"issuer":"https://cluster.example","jwks_uri":"https://10.0.0.1:6443/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","RS256"]}',
    });
    const { n, e } = rsa.publicKey.export({ format: 'jwk' });
    const { x, y } = current.publicKey.export({ format: 'jwk' });
    expect(jwks.contentType).toBe('application/jwk-set+json');
    expect(JSON.parse(jwks.body)).toEqual({
      keys: [
        { use: 'sig', kty: 'RSA', kid: kidOf(rsa.publicKey), alg: 'RS256', n, e },
        { use: 'sig', kty: 'EC', kid: kidOf(current.publicKey), alg: 'ES256', crv: 'P-256', x, y },
      ],
    });
  });

  test.each([
    [{ issuer: 'http://a' }, 'issuer URL must use https scheme, got: http://a'],
    [{ issuer: 'https://a?b' }, 'issuer URL may not include a query, got: https://a?b'],
    [{ issuer: 'https://a#b' }, 'issuer URL may not include a fragment, got: https://a#b'],
    [{ issuer: 'kubernetes' }, 'issuer URL must use https scheme, got: kubernetes'],
    [{ jwksURI: 'http://a' }, 'jwksURI must use https scheme, got: http://a'],
  ])('%o is rejected', (change, message) => {
    expect(() => openIDMetadata({ ...options, ...change })).toThrow(message);
  });
});

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JWTAuthenticator } from '../../../shared/authn/oidc/configuration.ts';
import {
  newOIDCAuthenticators,
  oidcFlagsConfiguration,
} from '../../../shared/authn/oidc/new-oidc-authenticators.ts';
import { certificate } from './pki.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

let server: Server;
let issuer: string;
let certificateAuthority: string;
const keys: Record<string, KeyPair> = {};
/** The documents of the provider, by path. */
let documents: Record<string, unknown>;
let fetched: string[];
let clock: number;

beforeAll(async () => {
  for (const name of ['a', 'b', 'ec', 'foreign'])
    keys[name] = await generateKeyPair(name === 'ec' ? 'ES256' : 'RS256', { extractable: true });
  const local = await certificate({
    name: 'CN=localhost',
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
    ],
  });
  certificateAuthority = local.pem;
  const key = await webcrypto.subtle.exportKey('pkcs8', local.keys.privateKey);
  server = createServer(
    { cert: local.pem, key: x509.PemConverter.encode(key, 'PRIVATE KEY') },
    (request, response) => {
      fetched.push(request.url!);
      const document = documents[request.url!];
      response.statusCode = document === undefined ? 404 : 200;
      response.end(typeof document === 'string' ? document : JSON.stringify(document ?? {}));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const jwk = async (name: string, more: object = {}) => ({
  ...(await exportJWK(keys[name]!.publicKey)),
  kid: name,
  use: 'sig',
  ...more,
});
beforeEach(async () => {
  fetched = [];
  clock = Date.parse('2026-05-01T12:00:00Z');
  documents = {
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
    '/keys': { keys: [await jwk('a'), await jwk('ec')] },
  };
});

const now = () => Math.floor(clock / 1000);
const claims = (more: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  iss: issuer,
  aud: 'me',
  sub: 'anna',
  exp: now() + 60,
  ...more,
});
async function sign(
  payload: JWTPayload,
  options: { key?: string; kid?: string | null; alg?: string } = {},
): Promise<string> {
  const { key = 'a', kid = key, alg = key === 'ec' ? 'ES256' : 'RS256' } = options;
  return new SignJWT(payload)
    .setProtectedHeader({ alg, ...(kid !== null && { kid }) })
    .sign(keys[key]!.privateKey);
}
function authenticator(more: Partial<JWTAuthenticator> = {}, signingAlgorithms?: string[]) {
  const configuration: JWTAuthenticator = {
    issuer: { url: issuer, audiences: ['me'], certificateAuthority },
    claimMappings: { username: { claim: 'sub', prefix: '' } },
    ...more,
  };
  return newOIDCAuthenticators(
    { jwt: [configuration] },
    { disallowedIssuers: [], now: () => clock, ...(signingAlgorithms && { signingAlgorithms }) },
  )[0]!;
}
const userOf = async (token: string, of = authenticator()) => (await of.authenticateToken(token))?.user;

describe('tokens', () => {
  test.each([
    ['a known key', {}, {}],
    ['an EC key', { key: 'ec' }, {}],
    ['no kid', { kid: null }, {}],
    ['several audiences', {}, { aud: ['x', 'me'] }],
    ['not valid for five minutes', {}, { nbf: 1777636800 + 299 }],
  ])('accepted: %s', async (_name, options, more) => {
    expect(await userOf(await sign(claims(more), options))).toEqual({
      name: 'anna',
      uid: '',
      groups: [],
      extra: {},
    });
  });

  test.each([
    ['another key under a known kid', { key: 'foreign', kid: 'a' }, {}, 'signature verification failed'],
    ['an unknown key', { key: 'foreign' }, {}, 'no applicable key found in the JSON Web Key Set'],
    [
      'an algorithm that is not allowed',
      { key: 'ec' },
      {},
      '"alg" (Algorithm) Header Parameter value not allowed',
      ['RS256'],
    ],
    ['another audience', {}, { aud: 'you' }, 'oidc: expected audience in ["me"] got ["you"]'],
    ['no audience', {}, { aud: undefined }, 'oidc: expected audience in ["me"] got []'],
    [
      'an audience that is an object',
      {},
      { aud: { me: true } as never },
      'oidc: expected audience in ["me"] got []',
    ],
    ['expired', {}, { exp: 1777636800 - 1 }, 'oidc: token is expired'],
    ['no expiry', {}, { exp: undefined }, 'oidc: token is expired'],
    ['an expiry that is a string', {}, { exp: '9999999999' as never }, 'oidc: token is expired'],
    [
      'not yet valid',
      {},
      { nbf: 1777636800 + 301 },
      'oidc: current time is before the nbf (not before) time',
    ],
    ['no user name', {}, { sub: undefined }, 'oidc: parse username claim "sub": claim not present'],
    [
      'a user name that is a number',
      {},
      { sub: 7 as never },
      'oidc: parse username claim "sub": claim is not a string',
    ],
  ])('rejected: %s', async (_name, options, more, message, algorithms?: string[]) => {
    await expect(
      authenticator({}, algorithms).authenticateToken(await sign(claims(more), options)),
    ).rejects.toThrow(message);
  });

  test('alg none and a JWK in the header are rejected', async () => {
    const unsecured = new UnsecuredJWT(claims()).encode();
    await expect(authenticator().authenticateToken(unsecured)).rejects.toThrow('oidc: verify token');
    const embedded = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(keys['foreign']!.publicKey) })
      .sign(keys['foreign']!.privateKey);
    await expect(authenticator().authenticateToken(embedded)).rejects.toThrow(
      'signature verification failed',
    );
  });

  test('tokens of other issuers are ignored', async () => {
    for (const token of [
      'x',
      'a.b.c',
      await sign(claims({ iss: 'https://other.example' })),
      await sign(claims({ iss: `${issuer}/` })),
      `${await sign(claims())}.x`,
    ])
      expect(await authenticator().authenticateToken(token)).toBeUndefined();
    expect(fetched).toEqual([]);
  });
});

describe('the provider', () => {
  test('is called once, and again for new keys, at a limited rate', async () => {
    const of = authenticator();
    await userOf(await sign(claims()), of);
    await userOf(await sign(claims()), of);
    expect(fetched).toEqual(['/.well-known/openid-configuration', '/keys']);
    const rotated = await sign(claims({ exp: now() + 9999 }), { key: 'b' });
    await expect(of.authenticateToken(rotated)).rejects.toThrow('no applicable key');
    expect(fetched.length).toBe(2);
    clock += 10_000;
    documents['/keys'] = { keys: [await jwk('b')] };
    expect(await userOf(rotated, of)).toMatchObject({ name: 'anna' });
    expect(fetched.length).toBe(4);
    await expect(of.authenticateToken(await sign(claims({ exp: now() + 9999 })))).rejects.toThrow(
      'no applicable key',
    );
  });

  test.each([
    ['another issuer', () => ({ issuer: 'https://evil.example', jwks_uri: `${issuer}/keys` })],
    ['no keys', () => ({ issuer })],
    ['keys without TLS', () => ({ issuer, jwks_uri: 'http://127.0.0.1/keys' })],
    ['a discovery document with invalid JSON', () => 'x'],
    ['no discovery document', () => undefined],
  ])('is not trusted with %s', async (_name, document) => {
    documents['/.well-known/openid-configuration'] = document();
    await expect(authenticator().authenticateToken(await sign(claims()))).rejects.toThrow(
      'oidc: authenticator not initialized',
    );
  });

  test('is not trusted without the right certificate', async () => {
    const of = authenticator({ issuer: { url: issuer, audiences: ['me'] } });
    await expect(of.authenticateToken(await sign(claims()))).rejects.toThrow(
      'oidc: authenticator not initialized',
    );
  });

  test('may be described at a discovery URL', async () => {
    documents['/elsewhere'] = { issuer, jwks_uri: `${issuer}/keys` };
    delete documents['/.well-known/openid-configuration'];
    const of = authenticator({
      issuer: { url: issuer, discoveryURL: `${issuer}/elsewhere`, audiences: ['me'], certificateAuthority },
    });
    expect(await userOf(await sign(claims()), of)).toMatchObject({ name: 'anna' });
  });
});

describe('claims', () => {
  const mapped = async (
    claimMappings: JWTAuthenticator['claimMappings'],
    more: JWTPayload,
    rules: Partial<JWTAuthenticator> = {},
  ) => userOf(await sign(claims(more)), authenticator({ claimMappings, ...rules }));
  const username = { claim: 'sub', prefix: '' };

  test('by name', async () => {
    const mappings = {
      username: { claim: 'email', prefix: 'oidc:' },
      groups: { claim: 'roles', prefix: 'g:' },
      uid: { claim: 'id' },
    };
    expect(
      await mapped(mappings, { email: 'a@b.c', email_verified: true, roles: ['x', 'y'], id: '7', jti: 'j' }),
    ).toEqual({
      name: 'oidc:a@b.c',
      uid: '7',
      groups: ['g:x', 'g:y'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j'] },
    });
    expect(await mapped(mappings, { email: 'a@b.c', roles: 'x', id: '7' })).toMatchObject({
      groups: ['g:x'],
    });
    expect(await mapped({ username, groups: { claim: 'roles', prefix: '' } }, {})).toMatchObject({
      groups: [],
    });
  });

  test('by expression', async () => {
    const mappings = {
      username: { expression: 'claims.sub + "@" + claims.org' },
      groups: { expression: 'claims.roles.filter(r, r != "").map(r, "g:" + r)' },
      uid: { expression: 'claims.?id.orValue("none")' },
      extra: [
        { key: 'example.com/tenant', valueExpression: 'claims.org' },
        { key: 'example.com/none', valueExpression: 'claims.?x.orValue("")' },
      ],
    };
    expect(await mapped(mappings, { org: 'o', roles: ['x', ''] })).toEqual({
      name: 'anna@o',
      uid: 'none',
      groups: ['g:x'],
      extra: { 'example.com/tenant': ['o'] },
    });
  });

  test("the prefixes of the API server's own users can be excluded", async () => {
    const rules = {
      userValidationRules: [{ expression: "!user.username.startsWith('system:')", message: 'reserved' }],
    };
    expect(await mapped({ username }, {}, rules)).toMatchObject({ name: 'anna' });
    await expect(mapped({ username }, { sub: 'system:admin' }, rules)).rejects.toThrow(
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved",
    );
  });

  test.each([
    [
      'an unverified email address',
      { username: { claim: 'email', prefix: '' } },
      { email: 'a@b.c', email_verified: false },
      {},
      'oidc: email not verified',
    ],
    [
      'an email_verified claim that is a string',
      { username: { claim: 'email', prefix: '' } },
      { email: 'a@b.c', email_verified: 'true' },
      {},
      'oidc: email not verified',
    ],
    [
      'groups that are objects',
      { username, groups: { claim: 'roles', prefix: '' } },
      { roles: [{}] },
      {},
      'oidc: parse groups claim "roles"',
    ],
    [
      'an empty name',
      { username: { expression: '""' } },
      {},
      {},
      'oidc: empty username via CEL expression is not allowed',
    ],
    [
      'a name that is a number',
      { username: { expression: '7' } },
      {},
      {},
      'username claim expression must return a string',
    ],
    [
      'a missing claim',
      { username: { expression: 'claims.nothing' } },
      {},
      {},
      "expression 'claims.nothing' resulted in error: no such key: nothing",
    ],
    [
      'groups of numbers',
      { username, groups: { expression: '[1]' } },
      {},
      {},
      'expression must return a string or a list of strings',
    ],
    [
      'a required claim that is missing',
      { username },
      {},
      { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] },
      'oidc: required claim hd not present in ID token',
    ],
    [
      'a required claim with another value',
      { username },
      { hd: 'y' },
      { claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }] },
      'oidc: required claim hd value does not match',
    ],
    [
      'a rule that evaluates to false',
      { username },
      { hd: 'y' },
      { claimValidationRules: [{ expression: 'claims.hd == "x"', message: 'wrong domain' }] },
      'validation expression \'claims.hd == "x"\' failed: wrong domain',
    ],
    [
      'a rule that fails',
      { username },
      {},
      { claimValidationRules: [{ expression: 'claims.hd == "x"' }] },
      'no such key: hd',
    ],
  ])('rejected: %s', async (_name, mappings, more, rules, message) => {
    await expect(mapped(mappings, more as JWTPayload, rules)).rejects.toThrow(message);
  });

  test('distributed groups', async () => {
    const groups = { claim: 'roles', prefix: '' };
    const pointing = {
      _claim_names: { roles: 's' },
      _claim_sources: { s: { endpoint: `${issuer}/groups`, access_token: 't' } },
    };
    documents['/groups'] = await sign({ iss: issuer, aud: 'me', exp: now() + 60, roles: ['far'] });
    expect(await mapped({ username, groups }, pointing)).toMatchObject({ groups: ['far'] });
    documents['/groups'] = await sign(
      { iss: issuer, aud: 'me', exp: now() + 60, roles: ['far'] },
      { key: 'foreign', kid: 'a' },
    );
    await expect(mapped({ username, groups }, pointing)).rejects.toThrow('signature verification failed');
    await expect(
      mapped(
        { username, groups },
        { ...pointing, _claim_sources: { s: { endpoint: 'http://169.254.169.254/' } } },
      ),
    ).rejects.toThrow('while getting distributed claim "roles"');
  });
});

describe('configuration', () => {
  const good = (): JWTAuthenticator => ({
    issuer: { url: 'https://i.example', audiences: ['me'] },
    claimMappings: { username: { claim: 'sub', prefix: '' } },
  });
  const table: [string, Partial<JWTAuthenticator>, string][] = [
    ['no URL', { issuer: { audiences: ['me'] } }, 'jwt[0].issuer.url: Required value'],
    [
      'no TLS',
      { issuer: { url: 'http://i.example', audiences: ['me'] } },
      'jwt[0].issuer.url: Invalid value: "http://i.example": URL scheme must be https',
    ],
    [
      "the server's own issuer",
      { issuer: { url: 'https://self.example', audiences: ['me'] } },
      'jwt[0].issuer.url: Invalid value: "https://self.example": URL must not overlap with disallowed issuers: [https://self.example]',
    ],
    [
      'credentials',
      { issuer: { url: 'https://a:b@i.example', audiences: ['me'] } },
      'URL must not contain a username or password',
    ],
    [
      'a query',
      { issuer: { url: 'https://i.example?x', audiences: ['me'] } },
      'URL must not contain a query',
    ],
    [
      'no audience',
      { issuer: { url: 'https://i.example' } },
      'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required',
    ],
    [
      'two audiences, no policy',
      { issuer: { url: 'https://i.example', audiences: ['a', 'b'] } },
      'audienceMatchPolicy must be MatchAny for multiple audiences',
    ],
    [
      'a duplicate audience',
      { issuer: { url: 'https://i.example', audiences: ['a', 'a'], audienceMatchPolicy: 'MatchAny' } },
      'jwt[0].issuer.audiences[1]: Duplicate value: "a"',
    ],
    [
      'an invalid CA',
      { issuer: { url: 'https://i.example', audiences: ['a'], certificateAuthority: 'x' } },
      'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates',
    ],
    [
      'the same discovery URL',
      { issuer: { url: 'https://i.example', discoveryURL: 'https://i.example/', audiences: ['a'] } },
      'discoveryURL must be different from URL',
    ],
    [
      'no user name',
      { claimMappings: {} },
      'jwt[0].claimMappings.username: Required value: claim or expression is required',
    ],
    [
      'no prefix',
      { claimMappings: { username: { claim: 'sub' } } },
      'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set.',
    ],
    [
      'both claim and expression',
      { claimMappings: { username: { claim: 'sub', prefix: '', expression: 'claims.sub' } } },
      "claim and expression can't both be set",
    ],
    [
      'an expression that does not parse',
      { claimMappings: { username: { expression: 'claims.' } } },
      'jwt[0].claimMappings.username.expression: Invalid value: "claims.": compilation failed: ERROR: <input>:1:8',
    ],
    [
      'an unknown variable',
      { claimMappings: { username: { expression: 'user.name' } } },
      "undeclared reference to 'user'",
    ],
    [
      'an unknown field of a user',
      { userValidationRules: [{ expression: 'user.email == "x"' }] },
      "undefined field 'email'",
    ],
    [
      "a rule that isn't boolean",
      { claimValidationRules: [{ expression: 'claims.sub' }] },
      'must evaluate to bool',
    ],
    [
      'an email address without its verification',
      { claimMappings: { username: { expression: 'claims.email' } } },
      'claims.email_verified must be used in',
    ],
    [
      'a reserved extra key',
      {
        claimMappings: {
          username: { claim: 'sub', prefix: '' },
          extra: [{ key: 'a.kubernetes.io/x', valueExpression: '""' }],
        },
      },
      'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use',
    ],
    [
      'an extra key in upper case',
      {
        claimMappings: {
          username: { claim: 'sub', prefix: '' },
          extra: [{ key: 'a.b/X', valueExpression: '""' }],
        },
      },
      'must be lowercase',
    ],
    [
      'a duplicate rule',
      { claimValidationRules: [{ claim: 'a' }, { claim: 'a' }] },
      'jwt[0].claimValidationRules[1].claim: Duplicate value: "a"',
    ],
    ['an empty rule', { claimValidationRules: [{}] }, 'claim or expression is required'],
  ];
  test.each(table)('rejected: %s', (_name, change, message) => {
    const configure = () =>
      newOIDCAuthenticators(
        { jwt: [{ ...good(), ...change }] },
        { disallowedIssuers: ['https://self.example'] },
      );
    expect(configure).toThrow(message);
  });

  test('an email claim with its verification is valid', () => {
    const username = {
      expression: 'claims.?email_verified.orValue(true) == true ? claims.email : claims.sub',
    };
    expect(
      newOIDCAuthenticators({ jwt: [{ ...good(), claimMappings: { username } }] }, { disallowedIssuers: [] })
        .length,
    ).toBe(1);
  });

  test('duplicate issuers, and conditions without anonymous', () => {
    const configure = () =>
      newOIDCAuthenticators(
        { jwt: [good(), good()], anonymous: { enabled: false, conditions: [{ path: '/x' }] } },
        { disallowedIssuers: [] },
      );
    expect(configure).toThrow(
      '[jwt[1].issuer.url: Duplicate value: "https://i.example", anonymous.conditions: Invalid value: [{"path":"/x"}]: enabled should be set to true when conditions are defined]',
    );
  });

  test.each([
    ['', 'sub', 'https://i.example#'],
    ['', 'email', ''],
    ['-', 'sub', ''],
    ['x:', 'sub', 'x:'],
  ])('the flag --oidc-username-prefix=%j with claim %s', (usernamePrefix, usernameClaim, prefix) => {
    const flags = {
      issuerURL: 'https://i.example',
      clientID: 'me',
      certificateAuthority: undefined,
      usernameClaim,
      usernamePrefix,
      groupsClaim: 'g',
      groupsPrefix: 'p:',
      requiredClaims: new Map([['a', 'b']]),
    };
    expect(oidcFlagsConfiguration(flags)).toEqual({
      jwt: [
        {
          issuer: { url: 'https://i.example', audiences: ['me'] },
          claimMappings: { username: { claim: usernameClaim, prefix }, groups: { claim: 'g', prefix: 'p:' } },
          claimValidationRules: [{ claim: 'a', requiredValue: 'b' }],
        },
      ],
    });
  });
});

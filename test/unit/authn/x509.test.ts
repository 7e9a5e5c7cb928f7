import 'reflect-metadata';
import { createHash } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { RequestHeaderAuthenticator } from '../../../shared/authn/request/request-header-authenticator.ts';
import { ClientCertificateVerifier } from '../../../shared/authn/x509/verifier.ts';
import { X509Authenticator } from '../../../shared/authn/x509/x509-authenticator.ts';
import { ca, certificate, clientAuth, type Issued } from './pki.ts';
import { request } from './requests.ts';

const HOUR = 3600_000;
/** Handmade DER: a tag and its contents. */
const der = (tag: number, ...contents: (string | readonly number[] | Uint8Array)[]): Uint8Array => {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part as Uint8Array)));
  return Uint8Array.from([tag, content.length, ...content]);
};
const subtree = (tag: number, base: string | readonly number[]) => der(0x30, der(tag, base));
const [EMAIL, DNS, URI, IP] = [0x81, 0x82, 0x86, 0x87] as const;
type Base = readonly [number, string | readonly number[]];
const constraintsOf = (permitted: readonly Base[], excluded: readonly Base[] = [], critical = true) => {
  const lists = [permitted, excluded].map((bases, index) =>
    bases.length === 0 ? [] : der(0xa0 + index, ...bases.map(([tag, base]) => subtree(tag, base))),
  );
  return new x509.Extension('2.5.29.30', critical, der(0x30, ...lists) as never);
};
const ago = (hours: number) => new Date(Date.now() - hours * HOUR);
const serverAuth = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
const anyUsage = new x509.ExtendedKeyUsageExtension(['2.5.29.37.0']);
const critical = new x509.Extension('1.2.3.4', true, new Uint8Array([5, 0]));
const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.example' }]);

const made: Record<string, Issued> = {};
beforeAll(async () => {
  const root = await certificate({ name: 'CN=root', extensions: ca() });
  const intermediate = await certificate({ name: 'CN=intermediate', issuer: root, extensions: ca(0) });
  const second = await certificate({ name: 'CN=second', issuer: intermediate, extensions: ca() });
  const serverCA = await certificate({
    name: 'CN=server CA',
    issuer: root,
    extensions: [...ca(), serverAuth],
  });
  const constrained = await certificate({
    name: 'CN=constrained',
    issuer: root,
    extensions: [...ca(), constraintsOf([[DNS, 'example.com']])],
  });
  const noCA = await certificate({ name: 'CN=no CA', issuer: root });
  const noSign = await certificate({
    name: 'CN=no sign',
    issuer: root,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const staleCA = await certificate({
    name: 'CN=stale CA',
    issuer: root,
    extensions: ca(),
    notBefore: ago(9),
    notAfter: ago(1),
  });
  const stranger = await certificate({ name: 'CN=root', extensions: ca() });
  Object.assign(made, { root, intermediate, second, serverCA, constrained, noCA, noSign, staleCA, stranger });
  const name = 'CN=anna, O=dev, O=ops';
  const clients: Record<string, Parameters<typeof certificate>[0]> = {
    anna: { name, issuer: root },
    viaIntermediate: { name, issuer: intermediate },
    viaSecond: { name, issuer: second },
    viaServerCA: { name, issuer: serverCA },
    viaNoCA: { name, issuer: noCA },
    viaNoSign: { name, issuer: noSign },
    viaStaleCA: { name, issuer: staleCA },
    named: { name, issuer: constrained, extensions: [clientAuth, names] },
    unnamed: { name, issuer: constrained },
    forged: { name, issuer: root, signedBy: stranger },
    selfSigned: { name },
    expired: { name, issuer: root, notBefore: ago(9), notAfter: new Date('2026-01-02T03:04:05.000Z') },
    future: {
      name,
      issuer: root,
      notBefore: new Date('2199-01-02T03:04:05.000Z'),
      notAfter: new Date('2200-01-01T00:00:00.000Z'),
    },
    serverOnly: { name, issuer: root, extensions: [serverAuth] },
    anyUsage: { name, issuer: root, extensions: [anyUsage] },
    noUsage: { name, issuer: root, extensions: [] },
    critical: { name, issuer: root, extensions: [clientAuth, critical] },
    sha1: { name, issuer: root, hash: 'SHA-1' },
    noName: { name: 'O=dev', issuer: root },
    emptyName: { name: 'CN=, O=dev', issuer: root },
    twoNames: { name: 'CN=first, CN=last', issuer: root },
    withUID: { name: 'CN=anna, 1.3.6.1.4.1.57683.2=u-1', issuer: root },
    twoUIDs: { name: 'CN=anna, 1.3.6.1.4.1.57683.2=u-1, 1.3.6.1.4.1.57683.2=u-2', issuer: root },
    emptyUID: { name: 'CN=anna, 1.3.6.1.4.1.57683.2=', issuer: root },
    newline: { name: 'CN=anna\\0AO=system:masters', issuer: root },
    proxy: { name: 'CN=front-proxy', issuer: root },
  };
  for (const [key, options] of Object.entries(clients)) made[key] = await certificate(options);
});

const present = (...keys: string[]) => request({}, { clientCertificates: keys.map((key) => made[key]!.pem) });
const credential = (key: string) => {
  const digest = createHash('sha256').update(new Uint8Array(made[key]!.certificate.rawData)).digest('hex');
  return { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] };
};

const authenticatorFor = (verifier: ClientCertificateVerifier) => new X509Authenticator(async () => verifier);

describe('X509Authenticator', () => {
  const authenticate = (...keys: string[]) =>
    authenticatorFor(new ClientCertificateVerifier(made['root']!.pem)).authenticateRequest(present(...keys));

  test.each([
    ['signed by the root', ['anna']],
    ['signed by an intermediate', ['viaIntermediate', 'intermediate']],
    [
      "with certificates that don't belong to the chain",
      ['viaIntermediate', 'stranger', 'noCA', 'intermediate'],
    ],
    ['for any usage', ['anyUsage']],
    ['without a usage', ['noUsage']],
    ["below a name constraint that doesn't apply", ['unnamed', 'constrained']],
  ])('accepts one %s', async (_name, keys) => {
    expect(await authenticate(...keys)).toEqual({
      user: { name: 'anna', uid: '', groups: ['dev', 'ops'], extra: credential(keys[0]!) },
      audiences: [],
    });
  });

  test.each([
    ['an unknown CA', ['selfSigned'], 'x509: certificate signed by unknown authority'],
    ['a missing intermediate', ['viaIntermediate'], 'x509: certificate signed by unknown authority'],
    ['a root of the same name', ['forged'], 'x509: certificate signed by unknown authority'],
    [
      'a too long path',
      ['viaSecond', 'second', 'intermediate'],
      'x509: too many intermediates for path length constraint',
    ],
    [
      'a CA for servers',
      ['viaServerCA', 'serverCA'],
      'x509: certificate specifies an incompatible key usage',
    ],
    [
      "an issuer that isn't a CA",
      ['viaNoCA', 'noCA'],
      'x509: certificate is not authorized to sign other certificates',
    ],
    [
      "an issuer that can't sign certificates",
      ['viaNoSign', 'noSign'],
      'x509: certificate is not authorized to sign other certificates',
    ],
    [
      'an expired issuer',
      ['viaStaleCA', 'staleCA'],
      'x509: certificate has expired or is not yet valid: current time',
    ],
    [
      'name constraints on names',
      ['named', 'constrained'],
      'x509: DNS name "a.example" is not permitted by any constraint',
    ],
    ['expiry', ['expired'], 'is after 2026-01-02T03:04:05Z'],
    ['a validity in the future', ['future'], 'is before 2199-01-02T03:04:05Z'],
    ['the wrong usage', ['serverOnly'], 'x509: certificate specifies an incompatible key usage'],
    ['an unknown critical extension', ['critical'], 'x509: unhandled critical extension'],
    ['a weak signature', ['sha1'], 'x509: cannot verify signature: insecure algorithm'],
    ['two UIDs', ['twoUIDs'], 'expected 1 UID, but found multiple'],
    ['an empty UID', ['emptyUID'], 'UID cannot be an empty string'],
    ['too many certificates', Array(11).fill('anna'), 'too many client certificates'],
  ])('rejects for %s', async (_name, keys, message) => {
    await expect(authenticate(...keys)).rejects.toThrow(message);
    await expect(authenticate(...keys)).rejects.toHaveProperty('name', 'AuthenticationError');
  });

  describe('name constraints', () => {
    type GeneralName = ConstructorParameters<typeof x509.SubjectAlternativeNameExtension>[0] & object;
    const verify = async (names: unknown, constraints: x509.Extension, onIntermediate = false) => {
      const root = onIntermediate
        ? made['root']!
        : await certificate({ name: 'CN=r', extensions: [...ca(), constraints] });
      const middle =
        onIntermediate &&
        (await certificate({ name: 'CN=m', issuer: root, extensions: [...ca(), constraints] }));
      const extension = new x509.SubjectAlternativeNameExtension(names as GeneralName as never);
      const issuer = middle || root;
      const leaf = await certificate({ name: 'CN=anna', issuer, extensions: [clientAuth, extension] });
      const chain = [leaf, ...(middle ? [middle] : [])].map(({ pem }) => pem);
      try {
        new ClientCertificateVerifier(root.pem).verify(chain);
        return 'good';
      } catch (error) {
        return (error as Error).message.replace(/^.*x509: /, '');
      }
    };
    const dns = (value: string) => [{ type: 'dns', value }];
    const email = (value: string) => [{ type: 'email', value }];
    const url = (value: string) => [{ type: 'url', value }];
    const ip = (value: string) => [{ type: 'ip', value }];

    test.each<[string, unknown, readonly Base[], readonly Base[], string]>([
      ['a domain', dns('example.com'), [[DNS, 'example.com']], [], 'good'],
      ['a subdomain, regardless of case', dns('A.EXAMPLE.com'), [[DNS, 'example.com']], [], 'good'],
      [
        'a domain with the same suffix',
        dns('badexample.com'),
        [[DNS, 'example.com']],
        [],
        'DNS name "badexample.com" is not permitted by any constraint',
      ],
      [
        'a subdomain where only subdomains are permitted',
        dns('a.example.com'),
        [[DNS, '.example.com']],
        [],
        'good',
      ],
      [
        'the domain where only subdomains are permitted',
        dns('example.com'),
        [[DNS, '.example.com']],
        [],
        'DNS name "example.com" is not permitted by any constraint',
      ],
      ['anything', dns('a.b'), [[DNS, '']], [], 'good'],
      [
        'an excluded domain within a permitted one',
        dns('x.secret.example.com'),
        [[DNS, 'example.com']],
        [[DNS, 'secret.example.com']],
        'DNS name "x.secret.example.com" is excluded by a constraint',
      ],
      [
        'a wildcard that matches an excluded domain',
        dns('*.example.com'),
        [],
        [[DNS, 'secret.example.com']],
        'DNS name "*.example.com" is excluded by a constraint',
      ],
      ['a domain with an empty label', dns('a..b'), [[DNS, 'b']], [], 'cannot parse dnsName "a..b"'],
      ['a kind of name without a constraint', email('a@b.example'), [[DNS, 'example.com']], [], 'good'],
      ['a mailbox', email('anna@Example.com'), [[EMAIL, 'anna@example.com']], [], 'good'],
      [
        'another mailbox',
        email('ben@example.com'),
        [[EMAIL, 'anna@example.com']],
        [],
        'email address "ben@example.com" is not permitted by any constraint',
      ],
      ['a mailbox of a host', email('ben@example.com'), [[EMAIL, 'example.com']], [], 'good'],
      ['no mailbox', email('ben'), [[DNS, 'b']], [], 'cannot parse rfc822Name "ben"'],
      [
        'a superfluous dot',
        email('a..b@x.example'),
        [[DNS, 'b']],
        [],
        'cannot parse rfc822Name "a..b@x.example"',
      ],
      ['a leading dot', email('.a@x.example'), [[DNS, 'b']], [], 'cannot parse rfc822Name ".a@x.example"'],
      ['a SPIFFE ID', url('spiffe://prod.example/ns/a'), [[URI, 'prod.example']], [], 'good'],
      ['a URI with a port', url('https://prod.example:8443/x'), [[URI, '.example']], [], 'good'],
      [
        'another trust domain',
        url('spiffe://dev.example/ns/a'),
        [[URI, 'prod.example']],
        [],
        'URI "spiffe://dev.example/ns/a" is not permitted by any constraint',
      ],
      [
        'a URI with an IP address',
        url('https://10.0.0.1/'),
        [[URI, 'example']],
        [],
        'URI without a host name ("https://10.0.0.1/") cannot be matched against constraints',
      ],
      ['an address', ip('10.1.2.3'), [[IP, [10, 1, 0, 0, 255, 255, 0, 0]]], [], 'good'],
      [
        'an address of another network',
        ip('10.2.2.3'),
        [[IP, [10, 1, 0, 0, 255, 255, 0, 0]]],
        [],
        'IP address "10.2.2.3" is not permitted by any constraint',
      ],
      [
        'an address of another family',
        ip('::1'),
        [[IP, [10, 1, 0, 0, 255, 255, 0, 0]]],
        [],
        'IP address "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1" is not permitted by any constraint',
      ],
    ])('%s', async (_name, names, permitted, excluded, expected) => {
      expect(await verify(names, constraintsOf(permitted, excluded))).toBe(expected);
      expect(await verify(names, constraintsOf(permitted, excluded), true)).toBe(expected);
    });

    test('of unknown kinds', async () => {
      const directory: Base = [0xa4, [0x30, 0]];
      expect(await verify(dns('a.b'), constraintsOf([directory]))).toBe('unhandled critical extension');
      expect(await verify(dns('a.b'), constraintsOf([directory], [], false))).toBe('good');
    });

    test.each<[string, x509.Extension]>([
      ['none', new x509.Extension('2.5.29.30', true, der(0x30) as never)],
      ['a domain with a trailing dot', constraintsOf([[DNS, 'a.']])],
      ['a non-contiguous mask', constraintsOf([[IP, [10, 0, 0, 0, 255, 0, 255, 0]]])],
      ['a truncated address', constraintsOf([[IP, [10, 0]]])],
      ['an address for a URI', constraintsOf([[URI, '10.0.0.1']])],
    ])('that are invalid: %s', async (_name, constraints) => {
      expect(await verify(dns('a.b'), constraints)).toMatch(/bad name constraint|empty NameConstraints/);
      expect(await verify(dns('a.b'), constraints, true)).toBe('client certificate can not be parsed');
    });
  });

  test('reports the rejected certificate', async () => {
    await expect(authenticate('expired')).rejects.toThrow(
      /^verifying certificate SN=\d+, SKID=, AKID= failed: /,
    );
  });

  test.each([
    ['none', []],
    ['a certificate without a name', ['noName']],
    ['a certificate with an empty name', ['emptyName']],
  ])('has no user for %s', async (_name, keys) => {
    expect(await authenticate(...keys)).toBeUndefined();
  });

  test('uses the last of several names, and a UID', async () => {
    expect((await authenticate('twoNames'))?.user.name).toBe('last');
    expect((await authenticate('withUID'))?.user.uid).toBe('u-1');
  });

  test('a line break in a name does not create a group', async () => {
    expect((await authenticate('newline'))?.user).toMatchObject({
      name: 'anna\nO=system:masters',
      groups: [],
    });
  });

  test('rejects an invalid certificate', async () => {
    const authenticator = authenticatorFor(new ClientCertificateVerifier(made['root']!.pem));
    for (const pem of ['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']) {
      const bad = request({}, { clientCertificates: [pem] });
      await expect(authenticator.authenticateRequest(bad)).rejects.toThrow(
        'client certificate can not be parsed',
      );
    }
  });

  test('a cached certificate is checked for expiry', async () => {
    let now = Date.now();
    const authenticator = authenticatorFor(new ClientCertificateVerifier(made['root']!.pem, () => now));
    expect(await authenticator.authenticateRequest(present('anna'))).toBeDefined();
    now += 2 * HOUR;
    await expect(authenticator.authenticateRequest(present('anna'))).rejects.toThrow('has expired');
  });

  test("a client certificate in the bundle is trusted itself, and can't sign others", async () => {
    const trusted = await certificate({ name: 'CN=trusted', extensions: [] });
    const below = await certificate({ name: 'CN=root, O=system:masters', issuer: trusted });
    const verifier = new ClientCertificateVerifier(trusted.pem);
    expect(verifier.verify([trusted.pem]).version).toBe(3);
    expect(() => verifier.verify([below.pem])).toThrow(
      'x509: certificate is not authorized to sign other certificates',
    );
  });

  test('a bundle without certificates is rejected at start', () => {
    expect(() => new ClientCertificateVerifier('')).toThrow('does not contain any valid');
  });
});

describe('RequestHeaderAuthenticator', () => {
  const of = (allowedNames: string[]) =>
    new RequestHeaderAuthenticator({
      verifier: new ClientCertificateVerifier(made['root']!.pem),
      allowedNames,
      usernameHeaders: ['x-remote-user', 'x-user'],
      uidHeaders: ['x-remote-uid'],
      groupHeaders: ['x-remote-group'],
      extraHeaderPrefixes: ['x-remote-extra-'],
    });
  const headers = {
    'X-Remote-User': 'anna',
    'X-Remote-Uid': '7',
    'X-Remote-Group': ['dev', '', 'ops'],
    'X-Remote-Extra-Acme.com%2FTeam': ['x', 'y'],
  };
  const send = (lines: Record<string, string | string[]>, ...keys: string[]) =>
    request(lines, { clientCertificates: keys.map((key) => made[key]!.pem) });

  test("accepts the proxy's headers", async () => {
    expect(await of(['front-proxy']).authenticateRequest(send(headers, 'proxy'))).toEqual({
      user: { name: 'anna', uid: '7', groups: ['dev', 'ops'], extra: { 'acme.com/team': ['x', 'y'] } },
      audiences: [],
    });
  });

  test('uses the first header with a value', async () => {
    const response = await of([]).authenticateRequest(send({ 'x-remote-user': '', 'x-user': 'ben' }, 'anna'));
    expect(response?.user).toEqual({ name: 'ben', uid: '', groups: [], extra: {} });
  });

  test('rejects requests without a certificate, and ignores those without the header', async () => {
    expect(await of(['front-proxy']).authenticateRequest(send(headers))).toBeUndefined();
    expect(await of(['front-proxy']).authenticateRequest(send({}, 'proxy'))).toBeUndefined();
  });

  test.each([
    ['another client of the CA', 'anna', 'x509: subject with cn=anna is not in the allowed list'],
    ['a client of an unknown CA', 'selfSigned', 'x509: certificate signed by unknown authority'],
    ['a certificate for servers', 'serverOnly', 'x509: certificate specifies an incompatible key usage'],
  ])('rejects %s', async (_name, key, message) => {
    await expect(of(['front-proxy']).authenticateRequest(send(headers, key))).rejects.toThrow(message);
  });
});

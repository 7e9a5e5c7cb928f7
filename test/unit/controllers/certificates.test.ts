import { createPublicKey, X509Certificate } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
} from '../../../shared/apis/certificates/v1/types.ts';
import { parseCertificate } from '../../../shared/authn/x509/certificate.ts';
import { ClientCertificateVerifier } from '../../../shared/authn/x509/verifier.ts';
import { X509Authenticator } from '../../../shared/authn/x509/x509-authenticator.ts';
import {
  CSRApprovingController,
  CSRCleaner,
  CSRSigningController,
} from '../../../shared/controllers/certificates/csr-controllers.ts';
import {
  type CertificateAuthority,
  certificateAuthority,
  validityOf,
} from '../../../shared/controllers/certificates/sign-certificate.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { certificateRequest } from '../../fixtures/certificate-request.ts';
import { MemoryResources } from '../../fixtures/memory-resources.ts';
import { ca, certificate, type Issued } from '../authn/pki.ts';
import { request } from '../authn/requests.ts';

const CSRS = { group: 'certificates.k8s.io', version: 'v1', resource: 'certificatesigningrequests' };
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING = 'kubernetes.io/kubelet-serving';
const HOUR = 3600_000;
const CLIENT_USAGES = ['digital signature', 'key encipherment', 'client auth'];
const SERVER_USAGES = ['digital signature', 'key encipherment', 'server auth'];

const pkcs8 = async ({ keys }: Issued): Promise<string> => {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey as never));
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
};
let root: Issued;
let authority: CertificateAuthority;
beforeAll(async () => {
  const year = new Date(Date.now() + 366 * 24 * HOUR);
  root = await certificate({ name: 'O=Zeroplane + CN=root', extensions: ca(), notAfter: year });
  authority = certificateAuthority(root.pem, await pkcs8(root));
});

/** Allows only what `allowed` lists. */
class Reviewing extends MemoryResources {
  readonly asked: unknown[] = [];
  allowed: readonly string[] = [];
  constructor() {
    super();
    const { create } = this.client;
    Object.assign(this.client, {
      create: async (resource: never, object: KubeObject, options: never) => {
        if ((resource as { resource: string }).resource !== 'subjectaccessreviews') {
          return create(resource, object, options);
        }
        const { spec } = object as unknown as { spec: { resourceAttributes: { subresource: string } } };
        this.asked.push(spec);
        return { ...object, status: { allowed: this.allowed.includes(spec.resourceAttributes.subresource) } };
      },
    });
  }
}

let resources: Reviewing;
beforeEach(() => {
  resources = new Reviewing();
});
const condition = (type: string, lastUpdateTime?: string): CertificateSigningRequestCondition => ({
  type,
  status: 'True',
  lastUpdateTime,
});
async function put(
  spec: Partial<CertificateSigningRequest['spec']>,
  status: CertificateSigningRequest['status'] = { conditions: [condition('Approved')] },
  creationTimestamp = '2026-01-01T00:00:00Z',
): Promise<void> {
  const csr: CertificateSigningRequest = {
    metadata: { name: 'csr', creationTimestamp },
    spec: { signerName: CLIENT, usages: CLIENT_USAGES, username: 'anna', groups: ['dev'], ...spec },
    status,
  };
  await resources.client.create(CSRS, csr);
}
const stored = () => resources.client.get<CertificateSigningRequest>(CSRS, { name: 'csr' });
const pemOf = ({ status }: CertificateSigningRequest): string =>
  Buffer.from(status.certificate ?? '', 'base64').toString();
const sign = (maxDurationMs = 365 * 24 * HOUR, now = Date.now) =>
  new CSRSigningController(resources, { authority: async () => authority, maxDurationMs, now }).reconcile(
    'csr',
  );

describe('signing', () => {
  test.each(['ecdsa', 'p384', 'ed25519', 'rsa'] as const)(
    '%s: the certificate names the requestor',
    async (kind) => {
      const { pem, request: body, keys } = await certificateRequest({ name: 'O=dev, O=ops, CN=anna', kind });
      await put({ request: body });
      await sign();
      const issued = pemOf(await stored());
      const verifier = new ClientCertificateVerifier(root.pem);
      const response = await new X509Authenticator(async () => verifier).authenticateRequest(
        request({}, { clientCertificates: [issued] }),
      );
      expect(response!.user).toMatchObject({ name: 'anna', groups: ['dev', 'ops'] });
      const spki = Buffer.from(await crypto.subtle.exportKey('spki', keys.publicKey as never));
      const expected = createPublicKey({ key: spki, format: 'der', type: 'spki' });
      expect(new X509Certificate(issued).publicKey.equals(expected)).toBe(true);
      expect(pem).toContain('CERTIFICATE REQUEST');
    },
  );

  test('includes alternative names for serving only', async () => {
    const { request: body } = await certificateRequest({
      name: 'O=system:nodes, CN=system:node:one',
      names: [
        { type: 'dns', value: 'one.example' },
        { type: 'ip', value: '10.0.0.7' },
        { type: 'ip', value: '2001:db8::7' },
      ],
    });
    await put({ request: body, signerName: SERVING, usages: SERVER_USAGES });
    await sign();
    const { subjectAltName, keyUsage, ca: isCA } = new X509Certificate(pemOf(await stored()));
    expect(subjectAltName).toBe('DNS:one.example, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:7');
    expect([keyUsage, isCA]).toEqual([['1.3.6.1.5.5.7.3.1'], false]);
  });

  test('a requested CA flag is ignored', async () => {
    const { request: body } = await certificateRequest({ name: 'CN=anna' });
    await put({ request: body });
    await sign();
    expect(parseCertificate(pemOf(await stored()))).toMatchObject({ isCA: false, mayCertSign: false });
  });

  test.each<[string, CertificateSigningRequest['status'], string]>([
    ['not approved', {}, CLIENT],
    ['denied', { conditions: [condition('Approved'), condition('Denied')] }, CLIENT],
    ['failed', { conditions: [condition('Approved'), condition('Failed')] }, CLIENT],
    ['for another signer', { conditions: [condition('Approved')] }, 'example.com/signer'],
    ['for a signer named like an inherited property', { conditions: [condition('Approved')] }, 'constructor'],
  ])('a request that is %s is ignored', async (_name, status, signerName) => {
    const { request: body } = await certificateRequest();
    await put({ request: body, signerName }, status);
    resources.writes.length = 0;
    await sign();
    expect(resources.writes).toEqual([]);
  });

  test('an issued certificate is kept', async () => {
    await put({ request: (await certificateRequest()).request });
    await sign();
    const first = await stored();
    await sign();
    expect(await stored()).toEqual(first);
  });

  const node = { name: 'O=system:nodes, CN=system:node:one' };
  const dns = [{ type: 'dns' as const, value: 'one' }];
  test.each<[string, string, readonly string[], Parameters<typeof certificateRequest>[0], string]>([
    [
      'a client with server usage',
      CLIENT,
      [...CLIENT_USAGES, 'server auth'],
      {},
      'invalid usage for client certificate: server auth',
    ],
    [
      'a client with signing usage',
      CLIENT,
      ['cert sign', 'client auth'],
      {},
      'invalid usage for client certificate: cert sign',
    ],
    [
      'a client without client usage',
      CLIENT,
      ['digital signature'],
      {},
      'missing required usage for client certificate: client auth',
    ],
    [
      'a kubelet of another group',
      KUBELET,
      CLIENT_USAGES,
      { name: 'O=system:masters, CN=system:node:one' },
      'subject organization is not system:nodes',
    ],
    [
      'a kubelet of two groups',
      KUBELET,
      CLIENT_USAGES,
      { name: 'O=system:nodes, O=system:masters, CN=system:node:one' },
      'subject organization is not system:nodes',
    ],
    [
      'a kubelet of another name',
      KUBELET,
      CLIENT_USAGES,
      { name: 'O=system:nodes, CN=admin' },
      'subject common name does not begin with system:node:',
    ],
    [
      'a kubelet with hosts',
      KUBELET,
      CLIENT_USAGES,
      { ...node, names: dns },
      'DNS subjectAltNames are not allowed',
    ],
    [
      'a kubelet with server usage',
      KUBELET,
      SERVER_USAGES,
      node,
      'usages did not match [client auth digital signature key encipherment]',
    ],
    [
      'a serving certificate without hosts',
      SERVING,
      SERVER_USAGES,
      node,
      'DNS or IP subjectAltName is required',
    ],
    [
      'a serving certificate with client usage',
      SERVING,
      CLIENT_USAGES,
      { ...node, names: dns },
      'usages did not match [digital signature key encipherment server auth]',
    ],
    [
      'a serving certificate for a URI',
      SERVING,
      SERVER_USAGES,
      { ...node, names: [...dns, { type: 'url', value: 'x://y' }] },
      'URI subjectAltNames are not allowed',
    ],
    [
      'a serving certificate for another user than a node',
      SERVING,
      SERVER_USAGES,
      { name: 'O=system:nodes, CN=x', names: dns },
      'subject common name does not begin with system:node:',
    ],
  ])('fails %s', async (_name, signerName, usages, options, message) => {
    const { request: body } = await certificateRequest(options);
    await put({ request: body, signerName, usages: [...usages] });
    await sign();
    const { status } = await stored();
    expect(status.certificate).toBeUndefined();
    expect(status.conditions!.at(-1)).toMatchObject({
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message,
    });
  });

  test('rejects a request not signed by its key', async () => {
    const { der } = await certificateRequest();
    der[der.length - 1]! ^= 1;
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    await put({ request: Buffer.from(pem).toString('base64') });
    await sign();
    expect((await stored()).status.conditions!.at(-1)!.message).toContain('ECDSA verification failure');
  });

  test.each<[string, number | undefined, number, number]>([
    ['for the longest allowed time', undefined, 24 * HOUR, 24 * HOUR - 300_000],
    ['for a requested short time', 3600, 24 * HOUR, HOUR],
    ['for no longer than allowed', 7 * 24 * 3600, 24 * HOUR, 24 * HOUR - 300_000],
    ['for no shorter than the minimum', 1, 24 * HOUR, 600_000],
    ['for no longer than the authority', undefined, 10 * 365 * 24 * HOUR, 30 * 24 * HOUR],
  ])('is valid %s', (_name, expirationSeconds, maxDurationMs, expected) => {
    const now = Date.parse('2026-06-01T00:00:00.500Z');
    const { notBefore, notAfter } = validityOf(
      { expirationSeconds, maxDurationMs, now },
      now + 30 * 24 * HOUR,
    );
    expect([notBefore - now, notAfter - now]).toEqual([-300_500, expected - 500]);
  });

  test('an authority must be a CA with a matching key', async () => {
    const leaf = await certificate({ name: 'CN=leaf' });
    const key = await pkcs8(root);
    expect(() => certificateAuthority(leaf.pem, key)).toThrow('is no CA');
    const other = await certificate({ name: 'CN=root', extensions: ca() });
    expect(() => certificateAuthority(other.pem, key)).toThrow('is not of its certificate');
  });
});

describe('approving', () => {
  const node = { name: 'O=system:nodes, CN=system:node:one' };
  const approve = () => new CSRApprovingController(resources).reconcile('csr');
  test.each<[string, string, readonly string[], string | undefined]>([
    [
      'renewal by the node',
      'system:node:one',
      ['selfnodeclient'],
      'Auto approving self kubelet client certificate after SubjectAccessReview.',
    ],
    [
      'a new node',
      'system:bootstrap:abcdef',
      ['nodeclient'],
      'Auto approving kubelet client certificate after SubjectAccessReview.',
    ],
    ['another node', 'system:node:two', ['selfnodeclient'], undefined],
    ['a user without permission', 'anna', [], undefined],
  ])('%s', async (_name, username, allowed, message) => {
    const { request: body } = await certificateRequest(node);
    await put({ request: body, signerName: KUBELET, username }, {});
    resources.allowed = allowed;
    await approve();
    const { conditions = [] } = (await stored()).status;
    expect(conditions.map((one) => [one.type, one.reason, one.message])).toEqual(
      message === undefined ? [] : [['Approved', 'AutoApproved', message]],
    );
    expect(resources.asked[0]).toMatchObject({
      user: username,
      groups: ['dev'],
      resourceAttributes: {
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        verb: 'create',
        version: '*',
      },
    });
  });

  test.each<[string, object, Parameters<typeof certificateRequest>[0]]>([
    ['clients', { signerName: CLIENT }, node],
    ['serving', { signerName: SERVING, usages: SERVER_USAGES }, node],
    ["other names than nodes'", {}, { name: 'O=system:masters, CN=admin' }],
  ])('never %s', async (_name, spec, options) => {
    const { request: body } = await certificateRequest(options);
    await put({ request: body, signerName: KUBELET, username: 'system:node:one', ...spec }, {});
    resources.allowed = ['selfnodeclient', 'nodeclient'];
    await approve();
    expect([(await stored()).status, resources.asked]).toEqual([{}, []]);
  });
});

describe('cleaning', () => {
  const at = '2026-01-01T00:00:00Z';
  const start = Date.parse(at);
  test.each<[string, CertificateSigningRequest['status'], number | undefined]>([
    ['pending: a day', {}, 24 * HOUR],
    ['denied: an hour', { conditions: [condition('Denied', at)] }, HOUR],
    ['failed: an hour', { conditions: [condition('Approved', at), condition('Failed', at)] }, HOUR],
    ['issued: an hour', { conditions: [condition('Approved', at)], certificate: 'eA==' }, HOUR],
    ['approved and not issued: kept', { conditions: [condition('Approved', at)] }, undefined],
  ])('%s', async (_name, status, lifetime) => {
    await put({}, status, at);
    const clean = (after: number) => new CSRCleaner(resources, () => start + after).reconcile('csr');
    expect(await clean(1000)).toBe(lifetime === undefined ? undefined : lifetime - 1000);
    await clean(lifetime ?? 1000 * HOUR);
    const left = await resources.client.list(CSRS);
    expect(left).toHaveLength(lifetime === undefined ? 1 : 0);
  });
});

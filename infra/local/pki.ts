/**
 * The local server's own certificates, made at first start and kept: a CA for clients and the server, one for the
 * front proxy, and the key that signs service account tokens. Loads its library only when something must be made.
 */

import { generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** All in PEM. */
export interface PKI {
  readonly ca: KeyPair;
  readonly server: KeyPair;
  readonly admin: KeyPair;
  readonly frontProxyCA: KeyPair;
  readonly frontProxyClient: KeyPair;
  readonly serviceAccountKey: string;
}

const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 365 * DAY_MS;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Issue {
  readonly name: string;
  readonly usage: 'ca' | 'server' | 'client';
  readonly hosts?: readonly string[];
  /** Default: ten years for authorities, one for the rest. */
  readonly validForMs?: number;
}

// A certificate that names this authority was issued by it: another data directory's is told apart by name.
const unique = (name: string): string => `CN=${name}-${randomBytes(4).toString('hex')}`;

/** What is kept in the folder, by file name; the order is the order of making. */
const MADE: readonly { file: string; issuer?: string; issue: Issue }[] = [
  { file: 'ca', issue: { name: unique('zeroplane-ca'), usage: 'ca' } },
  {
    file: 'apiserver',
    issuer: 'ca',
    issue: {
      name: 'CN=kube-apiserver',
      usage: 'server',
      hosts: [
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
        '127.0.0.1',
        '::1',
        '10.0.0.1',
      ],
    },
  },
  { file: 'admin', issuer: 'ca', issue: { name: 'O=system:masters, CN=kubernetes-admin', usage: 'client' } },
  { file: 'front-proxy-ca', issue: { name: unique('front-proxy-ca'), usage: 'ca' } },
  {
    file: 'front-proxy-client',
    issuer: 'front-proxy-ca',
    issue: { name: 'CN=front-proxy-client', usage: 'client' },
  },
];

/** Reads the folder's PKI, making what is missing. Keys are readable by the owner only. */
export async function ensurePKI(folder: string): Promise<PKI> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pairs = new Map<string, KeyPair>();
  for (const { file, issuer, issue } of MADE) {
    const paths = { certificate: join(folder, `${file}.crt`), key: join(folder, `${file}.key`) };
    if (!isUsable(paths)) {
      const pair = await issueCertificate(issue, issuer === undefined ? undefined : pairs.get(issuer));
      writeFileSync(paths.key, pair.key, { mode: 0o600 });
      writeFileSync(paths.certificate, pair.certificate);
    }
    pairs.set(file, {
      certificate: readFileSync(paths.certificate, 'utf8'),
      key: readFileSync(paths.key, 'utf8'),
    });
  }
  const serviceAccountPath = join(folder, 'sa.key');
  if (!existsSync(serviceAccountPath)) writeFileSync(serviceAccountPath, newSigningKey(), { mode: 0o600 });
  return {
    ca: pairs.get('ca')!,
    server: pairs.get('apiserver')!,
    admin: pairs.get('admin')!,
    frontProxyCA: pairs.get('front-proxy-ca')!,
    frontProxyClient: pairs.get('front-proxy-client')!,
    serviceAccountKey: readFileSync(serviceAccountPath, 'utf8'),
  };
}

/** There, and good for another month: a server that restarts now and then never meets an expired certificate. */
function isUsable(paths: { certificate: string; key: string }): boolean {
  if (!existsSync(paths.certificate) || !existsSync(paths.key)) return false;
  const { validTo } = new X509Certificate(readFileSync(paths.certificate));
  return Date.parse(validTo) > Date.now() + 30 * DAY_MS;
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Issues a certificate; without an issuer it signs itself. */
export async function issueCertificate(issue: Issue, issuer?: KeyPair): Promise<KeyPair> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const isCA = issue.usage === 'ca';
  const usages = isCA
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature
    : x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  const extensions: Extension[] = [
    new x509.BasicConstraintsExtension(isCA, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
  ];
  if (!isCA) {
    const purpose = issue.usage === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
    extensions.push(new x509.ExtendedKeyUsageExtension([purpose]));
  }
  if (issue.hosts !== undefined) {
    const names = issue.hosts.map((value) => ({
      type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
      value,
    }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  const now = Date.now();
  const validity = {
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    // A client whose clock is a little behind must not refuse a new certificate.
    notBefore: new Date(now - 3600_000),
    notAfter: new Date(now + (issue.validForMs ?? (isCA ? 10 : 1) * YEAR_MS)),
    signingAlgorithm: ALGORITHM,
    extensions,
  };
  const certificate =
    issuer === undefined
      ? await x509.X509CertificateGenerator.createSelfSigned({ ...validity, name: issue.name, keys })
      : await x509.X509CertificateGenerator.create({
          ...validity,
          subject: issue.name,
          issuer: new x509.X509Certificate(issuer.certificate).subject,
          publicKey: keys.publicKey,
          signingKey: await importKey(x509.PemConverter.decodeFirst(issuer.key)),
        });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

function importKey(pkcs8: ArrayBuffer): Promise<CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}

type Extension = import('@peculiar/x509').Extension;
type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

/** Generates keys and issues certificates. The X.509 library is loaded on first use. */

import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';

/** PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface CertificateSpec {
  readonly name: string;
  readonly usage: 'ca' | 'server' | 'client';
  readonly hosts?: readonly string[];
  /** Default: ten years for authorities, one for other certificates. */
  readonly validForMs?: number;
  /** Default: an hour ago, so that a client whose clock is slightly behind accepts a new certificate. */
  readonly validFrom?: Date;
}

/** Generates a key for signatures; PEM. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Issues a certificate; self-signed without an issuer. */
export async function issueCertificate(issue: CertificateSpec, issuer?: KeyPair): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const signed = await contentsOf(issue, keys.publicKey);
  const certificate =
    issuer === undefined
      ? await x509.X509CertificateGenerator.createSelfSigned({ ...signed, name: issue.name, keys })
      : await x509.X509CertificateGenerator.create({
          ...signed,
          ...(await signerOf(issuer)),
          subject: issue.name,
          publicKey: keys.publicKey,
        });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

/**
 * Issues an authority's certificate (PEM) again, signed by another authority: a client that trusts the issuer then
 * accepts certificates signed by the first.
 */
export async function crossSign(authority: string, issuer: KeyPair): Promise<string> {
  const x509 = await loadX509();
  const { subject, publicKey: encoded } = new x509.X509Certificate(authority);
  const publicKey = await encoded.export(ALGORITHM, ['verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    ...(await contentsOf({ name: subject, usage: 'ca' }, publicKey)),
    ...(await signerOf(issuer)),
    subject,
    publicKey,
  });
  return `${certificate.toString('pem')}\n`;
}

async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

async function contentsOf(issue: CertificateSpec, publicKey: CryptoKey) {
  const x509 = await loadX509();
  const isCA = issue.usage === 'ca';
  const usages = isCA
    ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature
    : x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment;
  const extensions: Extension[] = [
    new x509.BasicConstraintsExtension(isCA, undefined, true),
    new x509.KeyUsagesExtension(usages, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
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
  return {
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    notBefore: issue.validFrom ?? new Date(now - 3600_000),
    notAfter: new Date(now + (issue.validForMs ?? (isCA ? 10 : 1) * YEAR_MS)),
    signingAlgorithm: ALGORITHM,
    extensions,
  };
}

async function signerOf({ certificate, key }: KeyPair) {
  const x509 = await loadX509();
  return {
    issuer: new x509.X509Certificate(certificate).subject,
    signingKey: await importKey(x509.PemConverter.decodeFirst(key)),
  };
}

function importKey(pkcs8: ArrayBuffer): Promise<CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}

type Extension = import('@peculiar/x509').Extension;
type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

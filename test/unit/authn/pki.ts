import 'reflect-metadata';
import { type webcrypto as crypto, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR = 3600_000;

export interface Issued {
  readonly name: string;
  readonly pem: string;
  readonly keys: crypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

export interface CertificateOptions {
  readonly name: string;
  readonly issuer?: Issued;
  /** The key that actually signs, if it differs from the issuer's: a forgery. */
  readonly signedBy?: Issued;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: x509.Extension[];
  readonly hash?: string;
}

export const clientAuth = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);
export const ca = (pathLength?: number): x509.Extension[] => [
  new x509.BasicConstraintsExtension(true, pathLength, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
];

/** Issues a certificate with any fault. */
export async function certificate(options: CertificateOptions): Promise<Issued> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, [
    'sign',
    'verify',
  ])) as crypto.CryptoKeyPair;
  const { name, issuer, extensions = [clientAuth], hash = 'SHA-256' } = options;
  const signer = options.signedBy ?? issuer;
  const created = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: issuer?.certificate.subject ?? name,
    notBefore: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfter: options.notAfter ?? new Date(Date.now() + HOUR),
    publicKey: keys.publicKey as never,
    signingKey: (signer?.keys ?? keys).privateKey as never,
    signingAlgorithm: { ...ALGORITHM, hash },
    extensions,
  });
  return { name, keys, certificate: created, pem: created.toString('pem') };
}

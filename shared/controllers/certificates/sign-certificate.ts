/** https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/certificates/authority */

import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { Extension, JsonGeneralNames } from '@peculiar/x509';
import type { CertificateRequest } from '../../apis/certificates/certificate-request.ts';
import { type Certificate, parseCertificate } from '../../authn/x509/certificate.ts';
import { DER_TAG, readDER, readDERSequence } from '../../util/der.ts';

/** Names of bits in RFC 5280 by upstream's names of usages. */
const KEY_USAGES = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content commitment': 'nonRepudiation',
  'key encipherment': 'keyEncipherment',
  'key agreement': 'keyAgreement',
  'data encipherment': 'dataEncipherment',
  'cert sign': 'keyCertSign',
  'crl sign': 'cRLSign',
  'encipher only': 'encipherOnly',
  'decipher only': 'decipherOnly',
} as const;

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** DER of the subject's name. */
function subjectOf({ info }: CertificateRequest): Uint8Array {
  return readDERSequence(readDER(info, DER_TAG.sequence).content)[1]!.raw;
}

/** Milliseconds by which certificates are backdated. */
const BACKDATE = 5 * 60_000;
/** Lifetime below which backdating doesn't shorten a certificate. */
const SHORT = 8 * 3600_000;
const MIN_DURATION = 10 * 60_000;

/** A CA with its key. */
export interface CertificateAuthority {
  readonly pem: string;
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** Both PEM. Throws unless the certificate is a CA's and the key is its own. */
export function certificateAuthority(certificate: string, key: string): CertificateAuthority {
  const parsed = parseCertificate(certificate);
  const privateKey = createPrivateKey(key);
  if (!parsed.isCA) throw new Error('the signing certificate is no CA');
  if (!parsed.x509.checkPrivateKey(privateKey)) throw new Error('the signing key is not of its certificate');
  return { pem: certificate, certificate: parsed, key: privateKey };
}

const CURVES: Readonly<Record<string, readonly [name: string, hash: string]>> = {
  prime256v1: ['P-256', 'SHA-256'],
  secp384r1: ['P-384', 'SHA-384'],
  secp521r1: ['P-521', 'SHA-512'],
};

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const curve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'ec' && curve) return { name: 'ECDSA', namedCurve: curve[0], hash: curve[1] };
  throw new Error(`cannot sign with a key of type ${asymmetricKeyType}`);
}

export interface SigningPolicy {
  readonly usages: readonly string[];
  /** Requested lifetime; undefined: the maximum. */
  readonly expirationSeconds: number | undefined;
  readonly maxDurationMs: number;
  readonly now: number;
}

/** Milliseconds since the epoch, whole seconds. */
export function validityOf(
  { expirationSeconds, maxDurationMs, now }: Omit<SigningPolicy, 'usages'>,
  authorityEnds: number,
): { readonly notBefore: number; readonly notAfter: number } {
  const wanted = expirationSeconds === undefined ? maxDurationMs : expirationSeconds * 1000;
  const duration = Math.min(maxDurationMs, Math.max(MIN_DURATION, wanted));
  const end = now + duration - (duration < SHORT ? 0 : BACKDATE);
  const second = (time: number) => time - (time % 1000);
  return { notBefore: second(now - BACKDATE), notAfter: second(Math.min(end, authorityEnds)) };
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new Error('an IP address has neither 4 nor 16 bytes');
  return Buffer.from(bytes)
    .toString('hex')
    .replaceAll(/(....)(?=.)/g, '$1:');
}

function alternativeNames({ dnsNames, emailAddresses, ipAddresses, uris }: CertificateRequest) {
  const names: JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...emailAddresses.map((value) => ({ type: 'email' as const, value })),
    ...ipAddresses.map((bytes) => ({ type: 'ip' as const, value: ipText(bytes) })),
    ...uris.map((value) => ({ type: 'url' as const, value })),
  ];
  if (!names.every(({ value }) => /^[ -~]*$/.test(String(value)))) {
    throw new Error('a subject alternative name is not ASCII');
  }
  return names;
}

async function extensionsOf(
  request: CertificateRequest,
  usages: readonly string[],
  authority: CertificateAuthority,
): Promise<Extension[]> {
  const x509 = await loadX509();
  let bits = 0;
  const purposes = new Set<string>();
  for (const usage of usages) {
    const purpose = EXTENDED_KEY_USAGES[usage];
    if (Object.hasOwn(KEY_USAGES, usage)) {
      bits |= x509.KeyUsageFlags[KEY_USAGES[usage as keyof typeof KEY_USAGES]];
    } else if (purpose !== undefined) purposes.add(purpose);
    else throw new Error(`unrecognized usage values: [${usage}]`);
  }
  const names = alternativeNames(request);
  const hasSubject = request.subject.length > 0;
  const { subjectKeyID } = authority.certificate;
  return [
    ...(bits === 0 ? [] : [new x509.KeyUsagesExtension(bits, true)]),
    ...(purposes.size === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...purposes])]),
    new x509.BasicConstraintsExtension(false, undefined, true),
    ...(subjectKeyID.length === 0
      ? []
      : [new x509.AuthorityKeyIdentifierExtension(Buffer.from(subjectKeyID).toString('hex'))]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, !hasSubject)]),
  ];
}

/** The certificate in PEM: subject, key and alternative names are the request's, everything else is by policy. */
export async function signCertificate(
  request: CertificateRequest,
  authority: CertificateAuthority,
  policy: SigningPolicy,
): Promise<string> {
  const x509 = await loadX509();
  const algorithm = algorithmOf(authority.key);
  const pkcs8 = authority.key.export({ type: 'pkcs8', format: 'der' });
  const { notBefore, notAfter } = validityOf(policy, authority.certificate.notAfter);
  const created = await x509.X509CertificateGenerator.create({
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    subject: new x509.Name(subjectOf(request)),
    issuer: new x509.Name(authority.certificate.subject),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    publicKey: request.publicKey.export({ type: 'spki', format: 'der' }),
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    extensions: await extensionsOf(request, policy.usages, authority),
  });
  const pem = `${created.toString('pem')}\n`;
  checkSigned(parseCertificate(pem), request, authority);
  return pem;
}

/** Names were decoded and encoded again: they identify the subject, so they must be byte for byte the same. */
function checkSigned(
  signed: Certificate,
  request: CertificateRequest,
  { certificate }: CertificateAuthority,
) {
  const isSame = Buffer.compare(signed.subject, subjectOf(request)) === 0 && signed.isCA === false;
  const isOurs = Buffer.compare(signed.issuer, certificate.subject) === 0;
  if (!isSame || !isOurs || !signed.x509.verify(certificate.x509.publicKey)) {
    throw new Error('the signed certificate does not match the request');
  }
}

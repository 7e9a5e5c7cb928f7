/** PKCS #10 requests (RFC 2986). */

import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  DER_TAG,
  DERError,
  type DERValue,
  derString,
  objectIdentifier,
  readDER,
  readDERSequence,
} from '../../util/der.ts';
import { type GeneralNames, subjectAltNames } from '../../util/general-names.ts';
import { decodePEM } from '../../util/pem.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const MALFORMED = 'malformed certificate request';

interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

export interface CertificateRequest extends GeneralNames {
  readonly subject: readonly NameAttribute[];
  readonly publicKey: KeyObject;
  /** The signed part. */
  readonly info: Uint8Array;
  readonly algorithm: DERValue;
  readonly signature: Uint8Array;
}

/** The DER of a request. Throws if there is none. */
function requestOf(pem: string): Uint8Array {
  const [block] = decodePEM(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') {
    throw new DERError('PEM block type must be CERTIFICATE REQUEST');
  }
  return block.bytes;
}

/** The elements of the request, and those of its information. */
function readRequest(der: Uint8Array) {
  const outer = readDERSequence(readDER(der, DER_TAG.sequence).content);
  const [info] = outer;
  const inner = readDERSequence(info?.tag === DER_TAG.sequence ? info.content : new Uint8Array());
  if (inner[0]?.tag !== DER_TAG.integer || inner[1]?.tag !== DER_TAG.sequence) throw new DERError(MALFORMED);
  return { outer, inner };
}

function readSubject({ content }: DERValue): NameAttribute[] {
  return readDERSequence(content).flatMap((set) =>
    readDERSequence(set.content).map((attribute) => {
      const [type, value] = readDERSequence(attribute.content);
      if (type === undefined || value === undefined) throw new DERError(MALFORMED);
      return { type: objectIdentifier(type), value: derString(value) ?? '' };
    }),
  );
}

const organizationsOf = (subject: readonly NameAttribute[]): string[] =>
  subject.filter(({ type }) => type === ORGANIZATION).map(({ value }) => value);

/** The organizations in the subject, which become groups. Throws for an invalid request. */
export function requestedOrganizations(pem: string): string[] {
  const { inner } = readRequest(requestOf(pem));
  return organizationsOf(readSubject(inner[1]!));
}

/** The common name in the subject; '' if there is none. Throws for an invalid request. */
export function requestedCommonName(pem: string): string {
  const { inner } = readRequest(requestOf(pem));
  return readSubject(inner[1]!).findLast(({ type }) => type === COMMON_NAME)?.value ?? '';
}

/** Throws for an invalid request. */
export const parseCertificateRequest = (pem: string): CertificateRequest =>
  readCertificateRequest(requestOf(pem));

/** Like `parseCertificateRequest`, for DER. */
export function readCertificateRequest(der: Uint8Array): CertificateRequest {
  const { outer, inner } = readRequest(der);
  const [info, algorithm, signature] = outer;
  const [, subject, key, attributes] = inner;
  if (algorithm?.tag !== DER_TAG.sequence || signature?.tag !== DER_TAG.bitString) {
    throw new DERError(MALFORMED);
  }
  if (outer.length !== 3 || key?.tag !== DER_TAG.sequence) throw new DERError(MALFORMED);
  return {
    subject: readSubject(subject!),
    ...subjectAltNames(requestedExtensions(attributes)),
    publicKey: createPublicKey({ key: Buffer.from(key.raw), format: 'der', type: 'spki' }),
    info: info!.raw,
    algorithm,
    signature: signature.content.subarray(1),
  };
}

function requestedExtensions(attributes: DERValue | undefined): DERValue | undefined {
  for (const attribute of attributes ? readDERSequence(attributes.content) : []) {
    const [type, values] = readDERSequence(attribute.content);
    if (type === undefined || values?.tag !== DER_TAG.set) throw new DERError(MALFORMED);
    if (objectIdentifier(type) === EXTENSION_REQUEST) return readDERSequence(values.content)[0];
  }
  return undefined;
}

interface SignatureAlgorithm {
  /** Go's name. */
  readonly name: string;
  readonly key: 'rsa' | 'ec' | 'ed25519';
  readonly hash?: string;
}

const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.5', { name: 'SHA1-RSA', key: 'rsa', hash: 'sha1' }],
  ['1.2.840.113549.1.1.11', { name: 'SHA256-RSA', key: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { name: 'SHA384-RSA', key: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { name: 'SHA512-RSA', key: 'rsa', hash: 'sha512' }],
  ['1.2.840.10045.4.1', { name: 'ECDSA-SHA1', key: 'ec', hash: 'sha1' }],
  ['1.2.840.10045.4.3.2', { name: 'ECDSA-SHA256', key: 'ec', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { name: 'ECDSA-SHA384', key: 'ec', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { name: 'ECDSA-SHA512', key: 'ec', hash: 'sha512' }],
  ['1.3.101.112', { name: 'Ed25519', key: 'ed25519' }],
]);
const MD5_WITH_RSA = '1.2.840.113549.1.1.4';
const RSA_PSS = '1.2.840.113549.1.1.10';
/** Hash algorithms in the parameters of PSS. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

const KEYS: Readonly<Record<string, { readonly kind: string; readonly type: string; readonly bad: string }>> =
  {
    rsa: { kind: 'an RSA', type: '*rsa.PublicKey', bad: 'crypto/rsa: verification error' },
    ec: { kind: 'an ECDSA', type: '*ecdsa.PublicKey', bad: 'x509: ECDSA verification failure' },
    ed25519: { kind: 'an Ed25519', type: 'ed25519.PublicKey', bad: 'x509: Ed25519 verification failure' },
  };

function pssHash(parameters: DERValue | undefined): string | undefined {
  const fields = parameters?.tag === DER_TAG.sequence ? readDERSequence(parameters.content) : [];
  const hash = fields.find(({ tag }) => tag === 0xa0);
  const [oid] = hash ? readDERSequence(readDER(hash.content, DER_TAG.sequence).content) : [];
  return oid && HASHES.get(objectIdentifier(oid));
}

/** The error of the signature in Go's words; undefined if it is valid. */
export function signatureError({
  algorithm,
  info,
  signature,
  publicKey,
}: CertificateRequest): string | undefined {
  const [oid, parameters] = readDERSequence(algorithm.content);
  const id = oid ? objectIdentifier(oid) : '';
  if (id === MD5_WITH_RSA) return 'x509: cannot verify signature: insecure algorithm MD5-RSA';
  const hash = pssHash(parameters);
  const isPSS = id === RSA_PSS && hash !== undefined;
  const known: SignatureAlgorithm | undefined = isPSS
    ? { name: 'RSAPSS', key: 'rsa', hash }
    : ALGORITHMS.get(id);
  if (known === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  const keyType = publicKey.asymmetricKeyType ?? '';
  const { kind, bad } = KEYS[known.key]!;
  if (keyType !== known.key) {
    const type = KEYS[keyType]?.type ?? keyType;
    return `x509: signature algorithm specifies ${kind} public key, but have public key of type ${type}`;
  }
  const key = isPSS
    ? {
        key: publicKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_AUTO,
      }
    : publicKey;
  return verify(known.hash ?? null, info, key, signature) ? undefined : bad;
}

const NODES = 'system:nodes';
const NODE_PREFIX = 'system:node:';

/** Whether a kubelet requests a client or a serving certificate; undefined if neither. */
export function kubeletRequest(
  request: CertificateRequest,
  usages: readonly string[],
): 'client' | 'serving' | undefined {
  const { subject, dnsNames, ipAddresses, emailAddresses, uris } = request;
  const organizations = organizationsOf(subject);
  const commonName = subject.findLast(({ type }) => type === COMMON_NAME)?.value ?? '';
  const isNode = organizations.length === 1 && organizations[0] === NODES;
  if (!isNode || !commonName.startsWith(NODE_PREFIX)) return undefined;
  if (emailAddresses.length > 0 || uris.length > 0) return undefined;
  const hasHosts = dnsNames.length > 0 || ipAddresses.length > 0;
  const purpose = hasHosts ? 'server auth' : 'client auth';
  const wanted = new Set(usages);
  wanted.delete('key encipherment');
  if (wanted.size !== 2 || !wanted.has('digital signature') || !wanted.has(purpose)) return undefined;
  return hasHosts ? 'serving' : 'client';
}

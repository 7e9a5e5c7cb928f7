/** Parses X.509 certificates (RFC 5280), as far as needed to verify client certificates. */

import { X509Certificate } from 'node:crypto';
import {
  DER_TAG,
  DERError,
  type DERValue,
  derString,
  derTime,
  objectIdentifier,
  readDER,
  readDERSequence,
} from '../../util/der.ts';
import { type GeneralNames, readGeneralNames } from '../../util/general-names.ts';
import { decodePEM } from '../../util/pem.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';

const EXTENSION = {
  subjectKeyID: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyID: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Extensions that may be critical: those handled here, and those irrelevant to the client's identity. */
const HANDLED: ReadonlySet<string> = new Set([
  ...Object.values(EXTENSION),
  '2.5.29.31', // CRL distribution points
  '2.5.29.32', // certificate policies
  '1.3.6.1.5.5.7.1.1', // authority information access
]);

/** Signature algorithms whose digests are collision-resistant. */
const SIGNATURE_ALGORITHMS: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.11', // sha256WithRSAEncryption
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.113549.1.1.10', // RSASSA-PSS
  '1.2.840.10045.4.3.2', // ecdsa-with-SHA256
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112', // Ed25519
]);

interface NameAttribute {
  readonly oid: string;
  readonly value: string | undefined;
}

export interface Certificate {
  readonly x509: X509Certificate;
  /** Version 3 has extensions. */
  readonly version: number;
  readonly raw: Uint8Array;
  readonly serialNumber: bigint;
  /** DER encoding, for comparison. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subjectAttributes: readonly NameAttribute[];
  /** Milliseconds since the epoch, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly signatureIsStrong: boolean;
  /** Undefined without basic constraints. */
  readonly isCA: boolean | undefined;
  readonly maxPathLength: number | undefined;
  /** Undefined without key usage, which allows any use. */
  readonly mayCertSign: boolean | undefined;
  /** OIDs; undefined: any usage. */
  readonly extendedKeyUsages: readonly string[] | undefined;
  readonly subjectAltNames: GeneralNames | undefined;
  /** Constraints on the names in certificates this authority issues. */
  readonly nameConstraints: NameConstraints | undefined;
  readonly unhandledCriticalExtension: string | undefined;
  readonly subjectKeyID: Uint8Array;
  readonly authorityKeyID: Uint8Array;
}

interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const isSequence = ({ tag }: DERValue): boolean => tag === DER_TAG.sequence;
const contextTag = (number: number): number => 0xa0 + number;

function readExtensions(values: readonly DERValue[]): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const wrapped = values.find(({ tag }) => tag === contextTag(3));
  if (wrapped === undefined) return extensions;
  for (const { content } of readDERSequence(readDER(wrapped.content, DER_TAG.sequence).content)) {
    const fields = readDERSequence(content);
    const oid = objectIdentifier(fields[0]!);
    const critical = fields.length === 3 && fields[1]!.content[0] !== 0;
    if (extensions.has(oid)) throw new DERError(`extension ${oid} is there twice`);
    const value = readDER(fields.at(-1)!.raw, DER_TAG.octetString).content;
    extensions.set(oid, { critical, value });
  }
  return extensions;
}

function readName(name: DERValue): NameAttribute[] {
  return readDERSequence(name.content).flatMap((set) =>
    readDERSequence(set.content).map(({ content }) => {
      const [type, value] = readDERSequence(content);
      if (type === undefined || value === undefined) throw new DERError('bad name');
      return { oid: objectIdentifier(type), value: derString(value) };
    }),
  );
}

function readBasicConstraints(extension: Extension | undefined): Pick<Certificate, 'isCA' | 'maxPathLength'> {
  if (extension === undefined) return { isCA: undefined, maxPathLength: undefined };
  const [first, second] = readDERSequence(readDER(extension.value, DER_TAG.sequence).content);
  const isCA = first?.tag === DER_TAG.boolean && first.content[0] !== 0;
  const length = first?.tag === DER_TAG.integer ? first : second;
  return { isCA, maxPathLength: length && Number(readInteger(length)) };
}

function readInteger({ content }: DERValue): bigint {
  if (content.length === 0) throw new DERError('empty integer');
  return BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString('hex')}`));
}

/** Throws `DERError`, or the error of node:crypto for bytes that are not a certificate. */
export function parseCertificate(pem: string): Certificate {
  const x509 = new X509Certificate(pem);
  const raw = new Uint8Array(x509.raw);
  const [tbs, algorithm] = readDERSequence(readDER(raw, DER_TAG.sequence).content);
  if (tbs === undefined || algorithm === undefined) throw new DERError('truncated certificate');
  const values = readDERSequence(tbs.content);
  const version = values[0]?.tag === contextTag(0) ? values.shift() : undefined;
  const [serial, , issuer, validity, subject] = values;
  if (!serial || !issuer || !validity || !subject || !isSequence(subject))
    throw new DERError('truncated certificate');
  const [notBefore, notAfter] = readDERSequence(validity.content);
  if (!notBefore || !notAfter) throw new DERError('bad validity');

  const extensions = readExtensions(values);
  const keyUsage = extensions.get(EXTENSION.keyUsage);
  const extendedKeyUsage = extensions.get(EXTENSION.extendedKeyUsage);
  const subjectKeyID = extensions.get(EXTENSION.subjectKeyID);
  const authorityKeyID = extensions.get(EXTENSION.authorityKeyID);
  const names = extensions.get(EXTENSION.subjectAltName);
  const constraints = extensions.get(EXTENSION.nameConstraints);
  const nameConstraints = constraints && readNameConstraints(constraints.value);
  const isHandled = (oid: string) =>
    HANDLED.has(oid) && !(oid === EXTENSION.nameConstraints && nameConstraints?.hasUnknown);
  const unhandled = [...extensions].find(([oid, { critical }]) => critical && !isHandled(oid));
  return {
    x509,
    version: version ? Number(readInteger(readDER(version.content, DER_TAG.integer))) + 1 : 1,
    raw,
    serialNumber: readInteger(serial),
    subject: subject.raw,
    issuer: issuer.raw,
    subjectAttributes: readName(subject),
    notBefore: derTime(notBefore),
    notAfter: derTime(notAfter),
    signatureIsStrong: SIGNATURE_ALGORITHMS.has(objectIdentifier(readDERSequence(algorithm.content)[0]!)),
    ...readBasicConstraints(extensions.get(EXTENSION.basicConstraints)),
    // Bit 5, counted from the left; the first octet is the number of unused bits.
    mayCertSign: keyUsage && ((readDER(keyUsage.value, DER_TAG.bitString).content[1] ?? 0) & 0x04) !== 0,
    extendedKeyUsages:
      extendedKeyUsage &&
      readDERSequence(readDER(extendedKeyUsage.value, DER_TAG.sequence).content).map(objectIdentifier),
    subjectAltNames: names && readGeneralNames(names.value),
    nameConstraints,
    unhandledCriticalExtension: unhandled?.[0],
    subjectKeyID: subjectKeyID ? readDER(subjectKeyID.value, DER_TAG.octetString).content : new Uint8Array(),
    authorityKeyID:
      (authorityKeyID &&
        readDERSequence(readDER(authorityKeyID.value, DER_TAG.sequence).content).find(
          ({ tag }) => tag === 0x80,
        )?.content) ||
      new Uint8Array(),
  };
}

/** The certificates of a CA bundle. */
export function parseCertificates(pem: string): Certificate[] {
  return [...decodePEM(pem)]
    .filter(({ type }) => type === 'CERTIFICATE')
    .map(({ text }) => parseCertificate(text));
}

const hexColons = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');

/** Identifies a certificate as upstream's log does. */
export function certificateIdentifier({ serialNumber, subjectKeyID, authorityKeyID }: Certificate): string {
  return `SN=${serialNumber}, SKID=${hexColons(subjectKeyID)}, AKID=${hexColons(authorityKeyID)}`;
}

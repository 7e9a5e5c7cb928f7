import type { PublicKey } from '@peculiar/x509';
import { DER_TAG, readDER, readDERSequence } from '../../util/der.ts';

/** A PKCS #10 request whose signature its own key made. */
export interface CertificateRequest {
  /** DER of the subject. */
  readonly subject: Uint8Array;
  readonly publicKey: PublicKey;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

const BLOCK = /-----BEGIN ([^\n-]+)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----/;

const SUBJECT_ALT_NAME = '2.5.29.17';

export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** Reads the first PEM block. Throws for what is no request, and for one whose signature is wrong. */
export async function parseCertificateRequest(pem: string): Promise<CertificateRequest> {
  const [, type, body = ''] = BLOCK.exec(pem) ?? [];
  if (type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const der = Buffer.from(body, 'base64');
  const x509 = await loadX509();
  const request = new x509.Pkcs10CertificateRequest(der);
  if (!(await request.verify())) throw new Error('the signature of the certificate request is wrong');
  const [info] = readDERSequence(readDER(der, DER_TAG.sequence).content);
  const extensions = request.extensions.filter(({ type }) => type === SUBJECT_ALT_NAME);
  const names = extensions.flatMap(({ rawData }) =>
    new x509.SubjectAlternativeNameExtension(rawData).names.toJSON(),
  );
  const ofType = (wanted: string) => names.filter((name) => name.type === wanted).map(({ value }) => value);
  return {
    subject: readDERSequence(info!.content)[1]!.raw,
    publicKey: request.publicKey,
    commonName: request.subjectName.getField('CN').at(-1) ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: ofType('dns'),
    ipAddresses: ofType('ip'),
    emailAddresses: ofType('email'),
    uris: ofType('url'),
  };
}

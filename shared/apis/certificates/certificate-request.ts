/** PKCS #10 requests (RFC 2986), as far as the API server looks into them. */

import { DER_TAG, DERError, derString, objectIdentifier, readDER, readDERSequence } from '../../util/der.ts';

const PEM = /-----BEGIN ([^\n-]+)-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END \1-----/;
const ORGANIZATION = '2.5.4.10';

/** The organizations that a request asks for, each of which becomes a group. Throws for what is no request. */
export function requestedOrganizations(pem: string): string[] {
  const [, type, body = ''] = PEM.exec(pem) ?? [];
  if (type !== 'CERTIFICATE REQUEST') throw new DERError('PEM block type must be CERTIFICATE REQUEST');
  const request = readDER(Buffer.from(body, 'base64'), DER_TAG.sequence);
  const [info] = readDERSequence(request.content);
  const [version, subject] = readDERSequence(
    info?.tag === DER_TAG.sequence ? info.content : new Uint8Array(),
  );
  if (version?.tag !== DER_TAG.integer || subject?.tag !== DER_TAG.sequence) {
    throw new DERError('malformed certificate request');
  }
  return readDERSequence(subject.content).flatMap(({ content }) =>
    readDERSequence(content).flatMap((attribute) => {
      const [type, value] = readDERSequence(attribute.content);
      if (type === undefined || value === undefined) throw new DERError('malformed certificate request');
      return objectIdentifier(type) === ORGANIZATION ? [derString(value) ?? ''] : [];
    }),
  );
}

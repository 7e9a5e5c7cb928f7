import { X509Certificate } from 'node:crypto';
import { quote } from '../../../runtime/go-format.ts';
import { decodePEM } from '../../../util/pem.ts';

/** What is wrong with an issued chain of certificates, in base64; undefined if nothing is, or if there is none. */
export function certificateError(base64: string | undefined): string | undefined {
  if (!base64) return undefined;
  let blocks = 0;
  for (const { type, headers, bytes } of decodePEM(Buffer.from(base64, 'base64').toString('latin1'))) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${quote(type)}`;
    if (headers.size > 0) return 'no PEM block headers are permitted';
    blocks++;
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    if (!isCertificate(bytes)) return 'x509: malformed certificate';
  }
  return blocks === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function isCertificate(der: Uint8Array): boolean {
  try {
    new X509Certificate(der);
    return true;
  } catch {
    return false;
  }
}

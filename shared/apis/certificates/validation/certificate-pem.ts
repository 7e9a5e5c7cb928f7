import { X509Certificate } from 'node:crypto';
import { quote } from '../../../runtime/go-format.ts';
import { decodePEM } from '../../../util/pem.ts';

/** The error in a base64-encoded certificate chain; undefined if it is valid or empty. */
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

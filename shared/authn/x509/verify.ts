/**
 * Builds a chain from a client certificate to a trusted root by the rules of Go's `x509.Certificate.Verify`
 * (https://github.com/golang/go/blob/master/src/crypto/x509/verify.go).
 */

import type { Certificate } from './certificate.ts';
import { constraintProblem } from './name-constraints.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
const MAX_SIGNATURE_CHECKS = 100;

class VerificationError extends Error {
  override readonly name = 'VerificationError';
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Formats a time as Go's error messages do. */
const formatTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;

function checkCertificate(certificate: Certificate, now: number): void {
  if (certificate.unhandledCriticalExtension !== undefined) {
    throw new VerificationError('x509: unhandled critical extension');
  }
  const expired = 'x509: certificate has expired or is not yet valid';
  if (now < certificate.notBefore) {
    const bound = formatTime(certificate.notBefore);
    throw new VerificationError(`${expired}: current time ${formatTime(now)} is before ${bound}`);
  }
  if (now > certificate.notAfter) {
    const bound = formatTime(certificate.notAfter);
    throw new VerificationError(`${expired}: current time ${formatTime(now)} is after ${bound}`);
  }
}

/** `below`: the chain the issuer would sign, leaf first. */
function checkIssuer(issuer: Certificate, below: readonly Certificate[], isRoot: boolean): void {
  const notAuthorized = 'x509: certificate is not authorized to sign other certificates';
  // Only roots before version 3, which has extensions, may omit that they are authorities.
  const isAuthority = isRoot && issuer.version < 3 ? issuer.isCA !== false : issuer.isCA === true;
  if (!isAuthority) throw new VerificationError(notAuthorized);
  if (issuer.mayCertSign === false) throw new VerificationError(notAuthorized);
  if (issuer.maxPathLength !== undefined && below.length - 1 > issuer.maxPathLength) {
    throw new VerificationError('x509: too many intermediates for path length constraint');
  }
  for (const { subjectAltNames } of issuer.nameConstraints ? below : []) {
    const problem = subjectAltNames && constraintProblem(issuer.nameConstraints!, subjectAltNames);
    if (problem !== undefined) throw new VerificationError(`x509: ${problem}`);
  }
}

function allowsClientAuth({ extendedKeyUsages: usages }: Certificate): boolean {
  return usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_EXTENDED_KEY_USAGE);
}

/** Returns a chain, leaf first. Throws a `VerificationError` with the reason if there is none. */
export function verifyClientCertificate(
  leaf: Certificate,
  trust: { roots: readonly Certificate[]; intermediates: readonly Certificate[]; now: number },
): readonly Certificate[] {
  const { roots, intermediates, now } = trust;
  let checks = 0;
  let failure: VerificationError | undefined;

  function extend(chain: readonly Certificate[]): readonly Certificate[] | undefined {
    const last = chain.at(-1)!;
    const candidates = [
      ...roots.map((root) => [root, true] as const),
      ...intermediates.map((one) => [one, false] as const),
    ];
    for (const [issuer, isRoot] of candidates) {
      if (!same(issuer.subject, last.issuer) || chain.some(({ raw }) => same(raw, issuer.raw))) continue;
      try {
        if (++checks > MAX_SIGNATURE_CHECKS)
          throw new VerificationError('x509: signature check attempts limit reached');
        if (!last.signatureIsStrong) {
          throw new VerificationError('x509: cannot verify signature: insecure algorithm');
        }
        if (!last.x509.verify(issuer.x509.publicKey)) {
          throw new VerificationError('x509: certificate signed by unknown authority');
        }
        checkCertificate(issuer, now);
        checkIssuer(issuer, chain, isRoot);
        const longer = [...chain, issuer];
        const found = isRoot ? longer : extend(longer);
        if (found === undefined) continue;
        if (found.every(allowsClientAuth)) return found;
        throw new VerificationError('x509: certificate specifies an incompatible key usage');
      } catch (error) {
        failure ??= error instanceof VerificationError ? error : new VerificationError(String(error));
      }
    }
    return undefined;
  }

  checkCertificate(leaf, now);
  if (roots.some(({ raw }) => same(raw, leaf.raw))) {
    if (allowsClientAuth(leaf)) return [leaf];
    throw new VerificationError('x509: certificate specifies an incompatible key usage');
  }
  const chain = extend([leaf]);
  if (chain !== undefined) return chain;
  throw failure ?? new VerificationError('x509: certificate signed by unknown authority');
}

import { createHash } from 'node:crypto';
import { AuthenticationError } from '../authenticator.ts';
import {
  type Certificate,
  certificateIdentifier,
  parseCertificate,
  parseCertificates,
} from './certificate.ts';
import { verifyClientCertificate } from './verify.ts';

/** Certificates a client may send; more is an attack on our time. */
const MAX_CERTIFICATES = 10;
const MAX_CACHED = 512;

/** Verifies clients' certificates against one CA bundle, and remembers the ones that held. */
export class ClientCertificateVerifier {
  readonly #roots: readonly Certificate[];
  readonly #now: () => number;
  /** Verified chains by what the client sent: good while all their certificates are valid. */
  readonly #verified = new Map<string, readonly Certificate[]>();

  /** Throws when `caBundle` holds no certificate: trusting nobody is never what was meant. */
  constructor(caBundle: string, now: () => number = Date.now) {
    this.#roots = parseCertificates(caBundle);
    if (this.#roots.length === 0)
      throw new Error('data does not contain any valid RSA or ECDSA certificates');
    this.#now = now;
  }

  /** The verified leaf. Throws `AuthenticationError`. */
  verify(pems: readonly string[]): Certificate {
    const now = this.#now();
    const key = createHash('sha256').update(pems.join('\n')).digest('base64');
    const known = this.#verified.get(key);
    if (known?.every(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter)) return known[0]!;
    this.#verified.delete(key);

    if (pems.length > MAX_CERTIFICATES) throw new AuthenticationError('too many client certificates');
    let certificates: readonly Certificate[];
    try {
      certificates = pems.map(parseCertificate);
    } catch (cause) {
      throw new AuthenticationError('client certificate can not be parsed', { cause });
    }
    const [leaf, ...intermediates] = certificates;
    try {
      const chain = verifyClientCertificate(leaf!, { roots: this.#roots, intermediates, now });
      if (this.#verified.size >= MAX_CACHED) this.#verified.clear();
      this.#verified.set(key, chain);
      return leaf!;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AuthenticationError(`verifying certificate ${certificateIdentifier(leaf!)} failed: ${why}`, {
        cause,
      });
    }
  }
}

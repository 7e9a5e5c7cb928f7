import { createHash } from 'node:crypto';
import { BoundedCache } from '../../util/bounded-cache.ts';
import { AuthenticationError } from '../authenticator.ts';
import {
  type Certificate,
  certificateIdentifier,
  parseCertificate,
  parseCertificates,
} from './certificate.ts';
import { verifyClientCertificate } from './verify.ts';

/** Maximum number of certificates a client may send, to bound the work of verification. */
const MAX_CERTIFICATES = 10;
const MAX_CACHED = 512;
/** Milliseconds for which a rejection is cached: a rejected certificate may become valid later. */
const REFUSED_MS = 60_000;

/** Verifies client certificates against a CA bundle, and caches the results. */
export class ClientCertificateVerifier {
  readonly #roots: readonly Certificate[];
  readonly #now: () => number;
  /** Verified chains by the certificates sent; valid as long as all their certificates are. */
  readonly #verified = new BoundedCache<string, readonly Certificate[]>({ max: MAX_CACHED });
  readonly #refused: BoundedCache<string, AuthenticationError>;
  /** Cache keys by array: a host passes the same array with each request of a connection. */
  readonly #keys = new WeakMap<readonly string[], string>();

  /** Throws if `caBundle` contains no certificate: an empty trust store is never intended. */
  constructor(caBundle: string, now: () => number = Date.now) {
    this.#roots = parseCertificates(caBundle);
    if (this.#roots.length === 0)
      throw new Error('data does not contain any valid RSA or ECDSA certificates');
    this.#now = now;
    this.#refused = new BoundedCache({ max: MAX_CACHED, now });
  }

  /** Returns the verified leaf. Throws `AuthenticationError`. */
  verify(pems: readonly string[]): Certificate {
    const now = this.#now();
    const key = this.#keyOf(pems);
    const known = this.#verified.get(key);
    if (known?.every(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter)) return known[0]!;
    this.#verified.delete(key);
    const refusal = this.#refused.get(key);
    if (refusal !== undefined) throw refusal;
    try {
      const chain = this.#verify(pems, now);
      this.#verified.set(key, chain);
      return chain[0]!;
    } catch (error) {
      if (error instanceof AuthenticationError) this.#refused.set(key, error, REFUSED_MS);
      throw error;
    }
  }

  #keyOf(pems: readonly string[]): string {
    let key = this.#keys.get(pems);
    if (key === undefined) {
      key = createHash('sha256').update(pems.join('\n')).digest('base64');
      this.#keys.set(pems, key);
    }
    return key;
  }

  #verify(pems: readonly string[], now: number): readonly Certificate[] {
    if (pems.length > MAX_CERTIFICATES) throw new AuthenticationError('too many client certificates');
    let certificates: readonly Certificate[];
    try {
      certificates = pems.map(parseCertificate);
    } catch (cause) {
      throw new AuthenticationError('client certificate can not be parsed', { cause });
    }
    const [leaf, ...intermediates] = certificates;
    try {
      return verifyClientCertificate(leaf!, { roots: this.#roots, intermediates, now });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AuthenticationError(`verifying certificate ${certificateIdentifier(leaf!)} failed: ${why}`, {
        cause,
      });
    }
  }
}

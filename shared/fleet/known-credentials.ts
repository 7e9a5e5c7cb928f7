/** Cache of credentials that authenticated with a tenant when this process last saw them. */

import { SecretIndex } from '../authn/secret-index.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { BoundedCache } from '../util/bounded-cache.ts';

/** Entries for all tenants of a process; each takes very little memory. */
const MAX_KNOWN = 10_000;

export class KnownCredentials {
  readonly #index = new SecretIndex();
  readonly #known = new BoundedCache<string, string>({ max: MAX_KNOWN });

  /**
   * Cache key of a request's credential for the tenant with that id; undefined: the request has none. It doesn't reveal
   * the credential.
   */
  keyOf(id: string, { headers, clientCertificates: [certificate] = [] }: ApiRequest): string | undefined {
    const shown = certificate ?? headers.get('authorization')?.[0];
    return shown === undefined ? undefined : this.#index.keyOf(id, shown);
  }

  has(key: string | undefined): boolean {
    return key !== undefined && this.#known.get(key) !== undefined;
  }

  add(key: string | undefined): void {
    if (key !== undefined) this.#known.set(key, key);
  }

  remove(key: string | undefined): void {
    if (key !== undefined) this.#known.delete(key);
  }
}

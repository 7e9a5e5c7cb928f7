/** Credentials that were good for a tenant when they were last shown here. */

import { SecretIndex } from '../authn/secret-index.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { BoundedCache } from '../util/bounded-cache.ts';

/** Of all tenants of a process; each holds next to nothing. */
const MAX_KNOWN = 10_000;

export class KnownCredentials {
  readonly #index = new SecretIndex();
  readonly #known = new BoundedCache<string, string>({ max: MAX_KNOWN });

  /** Names what a request shows to the tenant of that id; undefined: it shows nothing. Tells nothing of it. */
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

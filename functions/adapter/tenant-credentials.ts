/**
 * Credentials limited to one tenant: a session of the fleet's tenant role, tagged with the tenant's id. The role's
 * policy compares that tag with the prefix of keys, so code that mixes up tenants is denied access.
 */

import { once } from '../../shared/util/once.ts';
import type { SessionCredentials } from './assume-role.ts';

/** The session tag in the role's policy. */
const TENANT_TAG = 'tenant';
/** The maximum session duration for role chaining. */
const SECONDS = 3600;

export class TenantCredentials {
  readonly #roleARN: string;
  readonly #assumeRole = once(async () => (await import('./assume-role.ts')).openAssumeRole(process.env));

  constructor(roleARN: string) {
    this.#roleARN = roleARN;
  }

  /** Loads the code that requests them. */
  async prepare(): Promise<void> {
    await this.#assumeRole();
  }

  /** A credentials provider, whose result is valid until it expires. */
  of(id: string): () => Promise<SessionCredentials> {
    return async () => {
      const assumeRole = await this.#assumeRole();
      const tags = { [TENANT_TAG]: id };
      return assumeRole({ roleARN: this.#roleARN, sessionName: id, durationSeconds: SECONDS, tags });
    };
  }
}

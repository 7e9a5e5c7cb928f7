/** Creates the bootstrap objects of a cluster, once per tenant, by the first process that starts. */

import { type Claim, once } from '../storage/once.ts';
import { recordConfig } from '../storage/record-config.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { systemClock } from '../util/clock.ts';

/** Outside of `/registry`, because it isn't an API resource. */
const CLAIMS = recordConfig<Claim>('/zeroplane/claims');

/** Increment when the bootstrap objects change, so that existing tenants get the new ones. */
const BOOTSTRAP_VERSION = 1;

/**
 * Resolves when the bootstrap objects exist. Of several concurrent callers one creates them while the others wait.
 * Later starts cost three concurrent reads. A different release, served or emulated (`minor`), creates its own. Rejects
 * with NewerFormat if the claims have the format of a newer release, which means that the whole store does. `make`
 * receives whether this is the very first bootstrap.
 */
export async function ensureBootstrap(
  make: (isFirst: boolean) => Promise<void>,
  storage: StorageFactory,
  minor: string,
): Promise<void> {
  const claims = storage.storageFor(CLAIMS);
  const known = storage.newestRevision(claims.resourcePrefix);
  const run = async (done: number) => {
    await known;
    await make(done === 0);
  };
  const work = { name: 'bootstrap', version: BOOTSTRAP_VERSION, state: minor };
  // Requests will need it, so it is read during the wait.
  const headsRead = storage.refreshHeads();
  await Promise.all([known, headsRead, once({ claims, ...work, clock: systemClock, run })]);
}

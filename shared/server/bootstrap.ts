/** What a cluster is born with, made once per tenant by whoever comes first. */

import { type Claim, once } from '../storage/once.ts';
import { recordConfig } from '../storage/record-config.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { systemClock } from '../util/clock.ts';

/** Not below `/registry`: no resource of the API. */
const CLAIMS = recordConfig<Claim>('/zeroplane/claims');

/** Raised when what a cluster is born with changes, so that running tenants get it too. */
const BOOTSTRAP_VERSION = 1;

/**
 * Resolves when what a cluster is born with is there. Of all who come at once one makes it, and the others wait;
 * later starts cost three reads at once, and another release, served or emulated (`minor`), makes what is its own. Rejects
 * with NewerFormat where the claims' format is one of a newer release, which says by it that all of the store is.
 * `make` is told whether it is the first of all.
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
  // Requests will ask for it: it is read while nobody waits.
  const looked = storage.look();
  await Promise.all([known, looked, once({ claims, ...work, clock: systemClock, run })]);
}

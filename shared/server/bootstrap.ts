/** What a cluster is born with, made once per tenant by whoever comes first. */

import { claimConfig, once } from '../storage/once.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { systemClock } from '../util/clock.ts';

/** Not below `/registry`: no resource of the API. */
const CLAIMS = claimConfig('/zeroplane/claims');

/** Raised when what a cluster is born with changes, so that running tenants get it too. */
const BOOTSTRAP_VERSION = 1;

/**
 * Resolves when what a cluster is born with is there. Of all who come at once one makes it, and the others wait;
 * later starts cost one read, and another release, served or emulated (`minor`), makes what is its own.
 */
export async function ensureBootstrap(
  make: () => Promise<void>,
  storage: StorageFactory,
  minor: string,
): Promise<void> {
  await once({
    claims: storage.storageFor(CLAIMS),
    name: 'bootstrap',
    version: BOOTSTRAP_VERSION,
    state: minor,
    clock: systemClock,
    run: make,
  });
}

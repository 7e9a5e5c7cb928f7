/**
 * A tenant's keys in Parameter Store: created by the first request that needs one, cached in memory, and reread
 * periodically to pick up added and removed keys.
 */

import type {
  ServiceAccountPublicKey,
  ServiceAccountSigningKey,
} from '../../shared/authn/serviceaccount/keys.ts';
import { parsePublicKeys, parseSigningKey } from '../../shared/authn/serviceaccount/keys.ts';
import type { HostKeys } from '../../shared/server/host-keys.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { amazonRoots } from './amazon-roots.ts';
import {
  ensure,
  type KeyParameters,
  numbered,
  type ParameterClock,
  ParameterFolder,
  POLL_INTERVAL_MS,
} from './parameter-folder.ts';
import { tenantAuthorities } from './tenant-authorities.ts';

/** Folder with a parameter per key; the last one by name signs. */
const SERVICE_ACCOUNT_KEYS = 'keys/service-account';
const FIRST = 1;

/** `appearMs`: milliseconds until a created parameter can be read. */
export function tenantKeys(
  parameters: KeyParameters,
  clock: ParameterClock = systemClock,
  appearMs = POLL_INTERVAL_MS,
): HostKeys {
  return {
    serviceAccounts: serviceAccountKeys(parameters, clock, appearMs),
    ...tenantAuthorities(parameters, clock, appearMs),
    rootCA: amazonRoots,
  };
}

interface ServiceAccountKeys {
  readonly signing: ServiceAccountSigningKey | undefined;
  readonly all: readonly ServiceAccountPublicKey[];
}

function serviceAccountKeys(
  parameters: KeyParameters,
  clock: ParameterClock,
  appearMs: number,
): HostKeys['serviceAccounts'] {
  const folder = new ParameterFolder<ServiceAccountKeys>(async () => {
    const found = [...(await parameters.list(SERVICE_ACCOUNT_KEYS))].sort(([a], [b]) => (a < b ? 1 : -1));
    const pems = found.map(([, pem]) => pem);
    return {
      signing: pems[0] === undefined ? undefined : parseSigningKey(pems[0]),
      all: pems.flatMap(parsePublicKeys),
    };
  }, clock);
  return {
    async getPublicKeys(keyID) {
      const { all } = await folder.value();
      if (keyID === '' || all.some((key) => key.keyID === keyID)) return all;
      return (await folder.reread()).all;
    },
    signingKey: () =>
      ensure(
        async () => (await folder.value()).signing,
        async () => (await folder.reread(appearMs)).signing,
        () => makeSigningKey(parameters, FIRST),
      ),
  };
}

/** Creates the service account key with that number unless it exists: the highest signs, all verify. */
export async function makeSigningKey(parameters: KeyParameters, number: number): Promise<void> {
  const { newSigningKey } = await import('../../shared/util/issue-certificate.ts');
  await parameters.create(`${SERVICE_ACCOUNT_KEYS}/${numbered(number)}`, newSigningKey());
}

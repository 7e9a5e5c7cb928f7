/**
 * The work of a write grows linearly with every list and map of every built-in kind: decoding, defaults, conversion,
 * preparation and validation of an update that replaces half of the elements.
 */

// Imported before all measured code, which must be compiled with counters.
import '../../fixtures/count-steps.ts';

import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtinVersions } from '../../../shared/apis/resource-table.ts';
import type { RESTStorageConfig } from '../../../shared/registry/generic/rest-storage-provider.ts';
import { Store } from '../../../shared/registry/generic/store.ts';
import { groupProviders } from '../../../shared/registry/group-providers.ts';
import type { RESTStrategy } from '../../../shared/rest/strategy.ts';
import { gvkOf } from '../../../shared/runtime/group-version.ts';
import type { DynamoDBStorageFactory } from '../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { countSteps } from '../../fixtures/count-steps.ts';
import { type Manifest, scheme } from '../../fixtures/internal-object.ts';
import { kindSchemas } from '../../fixtures/kind-schemas.ts';
import { type LongPlace, lengthened, longPlaces } from '../../fixtures/long-lists.ts';
import { DEFAULT_REGISTRY_OPTIONS } from '../../fixtures/registry-options.ts';
import { allSamples } from '../../fixtures/samples.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';
import { updateOutcome } from '../../fixtures/strategy-causes.ts';

/** Lists within lists within lists are left out: what concerns them concerns those above as well. */
const MAX_DEPTH = 2;
/** Few elements, and enough that comparing each with every other outweighs all else. */
const FEW = 100;
const MANY = 16 * FEW;
/** Of the work: 16 is linear, 26 is sorting, 256 is quadratic. */
const MAX_GROWTH = 32;

let storageFactory: DynamoDBStorageFactory;
const strategies = new Map<string, RESTStrategy<never>>();
beforeAll(async () => {
  storageFactory = await newTestStorageFactory();
  const config = {
    scheme,
    storageFactory,
    resources: { lister: () => undefined, client: undefined },
    isResourceServed: () => true,
    options: DEFAULT_REGISTRY_OPTIONS,
  } as unknown as RESTStorageConfig;
  for (const provider of groupProviders()) {
    const kindsOf = builtinVersions(provider.group);
    for (const [version, storages] of provider.restStorage(config)) {
      for (const [path, storage] of storages) {
        const kind = kindsOf.get(version)?.resources[path]?.kind;
        if (kind === undefined || !(storage instanceof Store)) continue;
        strategies.set(`${provider.group}/${kind}`, storage.strategy as RESTStrategy<never>);
      }
    }
  }
});
afterAll(() => storageFactory.close());

const isShallow = ({ path }: LongPlace): boolean =>
  path.filter((step) => step === 0 || step === 'k0').length < MAX_DEPTH;

async function growth(strategy: RESTStrategy<never>, sample: Manifest, place: LongPlace): Promise<number> {
  const counts: number[] = [];
  for (const size of [FEW, MANY]) {
    const from = lengthened(sample, place, size) as Manifest;
    const to = lengthened(sample, place, size, size / 2) as Manifest;
    counts.push(await countSteps(() => updateOutcome(strategy, { from, to })));
  }
  return counts[1]! / counts[0]!;
}

const kinds = allSamples().map(
  (sample) => [`${sample.apiVersion} ${sample.kind}`, sample as Manifest] as const,
);

test.each(kinds)('%s', { timeout: 120_000 }, async (_, sample) => {
  const { group, kind } = gvkOf(sample);
  const strategy = strategies.get(`${group}/${kind}`);
  // Served by the other servers of the chain, or not stored.
  if (strategy === undefined) return;
  for (const place of [...longPlaces(kindSchemas(gvkOf(sample)))].filter(isShallow)) {
    const isLinear = (await growth(strategy, sample, place)) < MAX_GROWTH;
    expect({ path: place.path.join('.'), isLinear }).toEqual({ path: place.path.join('.'), isLinear: true });
  }
});

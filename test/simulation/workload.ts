/** Draws a client's next operation at random. */

import type { Client } from './client.ts';
import type { Random } from './random.ts';
import { TERMS } from './things.ts';

/** Maximum ages of the server's own reads, in milliseconds. */
const STALENESS = [500, 1_000, 60_000];

export interface Workload {
  readonly random: Random;
  readonly keys: readonly string[];
  /** Pauses between pages and events. */
  readonly sleep: (ms: number) => Promise<void>;
}

export async function act(client: Client, { random, keys, sleep }: Workload): Promise<void> {
  const key = random.pick(keys);
  const prefix = random.pick(['', 'a/', 'b/']);
  const resourceVersion = random.pick(['', '', '0', client.someRevision(random)]);
  const ttlSeconds = random.pick([undefined, undefined, 2, 60, 3_600]);
  // A list may follow or not.
  if (random.chance(0.2)) client.prefetch();
  switch (random.below(16)) {
    case 0:
    case 1:
      return await client.create(key, { ttlSeconds });
    case 2:
    case 3:
      return await client.update(key, { upsert: random.chance(0.5), cached: random.chance(0.5), ttlSeconds });
    case 4:
      return await client.delete(key, { cached: random.chance(0.5) });
    case 5:
      return await client.get(key, resourceVersion, {
        readWithinMs: random.pick([0, 100, 5_000]),
        maxStalenessMs: random.pick([undefined, ...STALENESS]),
      });
    case 6:
      return await client.list({ prefix, goesOn: random.chance(0.3) });
    case 7:
      return await client.list({
        prefix,
        resourceVersion,
        exact: Number(resourceVersion) > 0 && random.chance(0.5),
      });
    case 8:
      return await client.pages({
        prefix,
        limit: 1 + random.below(3),
        pause: () => sleep(random.between(0, 2_000)),
      });
    case 9:
      return await client.snapshot(random.pick([0, ...STALENESS]));
    case 10:
      return await client.upkeep(random.chance(0.8) ? 'sweepExpired' : 'removeLeftovers');
    case 11:
      return await client.find(random.pick(TERMS), random.pick([0, ...STALENESS]));
    case 12:
      return await random.pick([
        () => client.leads(),
        () => client.below(prefix, random.pick([0, ...STALENESS])),
        () => client.written(),
      ])();
    case 13:
      return await client.upkeep('index');
    default:
      client.watch({
        prefix,
        resourceVersion,
        pause: () => sleep(random.chance(0.8) ? 0 : random.between(0, 60_000)),
      });
  }
}

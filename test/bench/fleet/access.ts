/** Requests to more tenants than can be loaded at once, in random order. */

import { entryOf, inTurns, memory, quantile, startBenchFleet } from './bench-fleet.ts';
import type { Row } from './row.ts';

/** Tenants in the directory; those that receive no requests exist only as a row. */
const REGISTERED = 10_000;
const ASKED = 300;
const LOADED = 150;
/** Number of requests in each half. */
const REQUESTS = 1_500;

export async function accessRows(): Promise<Row[]> {
  const fleet = await startBenchFleet({ maxLoaded: LOADED });
  await inTurns(REGISTERED - ASKED, 16, (at) =>
    fleet.directory.write(entryOf(`registered-${at}`), undefined),
  );
  const tenants = await inTurns(ASKED, 4, (at) => fleet.make(`tenant-${at}`));
  let at = 1;
  const half = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let count = 0; count < REQUESTS; count++) {
      // A generator with full period, so that every run uses the same sequence and no tenant is left out.
      at = (at * 1_103_515_245 + 12_345) % 2 ** 31;
      times.push(await fleet.timed(tenants[at % ASKED]!, { path: '/api/v1/namespaces/default/configmaps' }));
    }
    return times;
  };
  const first = await half();
  const between = await memory();
  const second = await half();
  const grown = (await memory()) - between;
  const { rss } = process.memoryUsage();
  await fleet.close();
  const title = `${REGISTERED} registered, ${ASKED} of them asked in any order, ${LOADED} loaded at most`;
  return [
    [`${title}: answer, p50 ms`, quantile([...first, ...second], 0.5).toFixed(1), ''],
    ['p99 ms', quantile([...first, ...second], 0.99).toFixed(1), '<= 100'],
    ['growth of the heap from one half to the next, MiB', grown.toFixed(1), '0'],
    ['the process, MiB', (rss / 1024 / 1024).toFixed(0), '<= 1024'],
  ];
}

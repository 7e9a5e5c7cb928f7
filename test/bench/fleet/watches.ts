/** Many watches of many tenants in one process. */

import { setMaxListeners } from 'node:events';
import { type BenchFleet, type BenchTenant, inTurns, quantile, startBenchFleet } from './bench-fleet.ts';
import type { Row } from './row.ts';

const TENANTS = 200;
const WATCHES = 5_000;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

export async function watchRows(): Promise<Row[]> {
  const fleet = await startBenchFleet();
  const tenants = await inTurns(TENANTS, 4, (at) => fleet.make(`tenant-${at}`));
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  /** Time at which a tenant's object was written, by tenant name. */
  const writtenAt = new Map<string, number>();
  const latencies: number[] = [];
  const watches = await inTurns(WATCHES, 16, (at) =>
    watch(fleet, tenants[at % TENANTS]!, ending.signal, (name) => {
      latencies.push(performance.now() - writtenAt.get(name)!);
    }),
  );
  await inTurns(TENANTS, 16, async (at) => {
    const tenant = tenants[at]!;
    writtenAt.set(tenant.entry.name, performance.now());
    await fleet.timed(tenant, { method: 'POST', path: CONFIG_MAPS, body: { metadata: { name: 'written' } } });
  });
  const giveUpAt = performance.now() + 10_000;
  while (latencies.length < WATCHES && performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const delivered = latencies.length;
  ending.abort();
  await Promise.all(watches.map(({ ended }) => ended));
  await fleet.close();
  return [
    [
      `${WATCHES} watches over ${TENANTS} tenants, one write each: delivered`,
      String(delivered),
      String(WATCHES),
    ],
    ['from the request until an event is there, p50 ms', quantile(latencies, 0.5).toFixed(0), ''],
    ['p99 ms', quantile(latencies, 0.99).toFixed(0), '<= 500'],
  ];
}

/** Resolves when the watch is established; `ended` resolves at its end. `tell` is called for each added object. */
async function watch(
  fleet: BenchFleet,
  tenant: BenchTenant,
  signal: AbortSignal,
  tell: (tenant: string) => void,
): Promise<{ ended: Promise<void> }> {
  const path = `${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dwritten`;
  const { status, body } = await fleet.answer(tenant, { path, signal });
  if (status !== 200 || body instanceof Uint8Array) throw new Error(`${path}: ${status}`);
  const read = async (): Promise<void> => {
    try {
      for await (const chunk of body) {
        if (Buffer.from(chunk).includes('"ADDED"')) tell(tenant.entry.name);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  return { ended: read() };
}

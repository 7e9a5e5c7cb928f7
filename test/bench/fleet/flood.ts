/** The effect on other tenants of one that sends as many requests as it can. */

import { setImmediate } from 'node:timers/promises';
import type { TenantLimits } from '../../../shared/fleet/tenant-limits.ts';
import { type BenchFleet, type BenchTenant, inTurns, quantile, startBenchFleet } from './bench-fleet.ts';
import type { Row } from './row.ts';

const OTHERS = 10;
const REQUESTS = 500;
/** Clients of the flood, each of which sends its next request immediately. */
const FLOOD = 200;
const PAUSE_MS = 5;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LIMITS: TenantLimits = { requestsPerSecond: 200 };

export async function floodRows(): Promise<Row[]> {
  const fleet = await startBenchFleet();
  const others = await inTurns(OTHERS, 4, (at) => fleet.make(`other-${at}`));
  const ask = async (): Promise<number> => {
    const times: number[] = [];
    for (let at = 0; at < REQUESTS; at++) {
      times.push(await fleet.timed(others[at % OTHERS]!, { path: CONFIG_MAPS }));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return quantile(times, 0.99);
  };
  const flooded = async (name: string, limits?: TenantLimits): Promise<Row> => {
    const flood = startFlood(fleet, await flooding(fleet, name, limits));
    const p99 = await ask();
    const rate = (await flood.stop()).toFixed(0);
    const within = limits === undefined ? 'without limits' : `within ${limits.requestsPerSecond} a second`;
    return [
      `while ${FLOOD} clients of another list, ${within}, ${rate} a second: p99 ms`,
      p99.toFixed(1),
      '<= 2 x calm',
    ];
  };
  await ask();
  const calm = await ask();
  const rows: Row[] = [
    ['answers of ten tenants in calm, p99 ms', calm.toFixed(1), ''],
    await flooded('limited', LIMITS),
    await flooded('unlimited'),
  ];
  await fleet.close();
  return rows;
}

/** A tenant with objects to list. */
async function flooding(fleet: BenchFleet, name: string, limits?: TenantLimits): Promise<BenchTenant> {
  const tenant = await fleet.make(name);
  await inTurns(100, 10, (at) =>
    fleet.timed(tenant, { method: 'POST', path: CONFIG_MAPS, body: { metadata: { name: `one-${at}` } } }),
  );
  if (limits === undefined) return tenant;
  const entry = { ...tenant.entry, limits };
  await fleet.directory.write(entry, await fleet.directory.read(name));
  return { ...tenant, entry };
}

/** `stop` resolves with the number of successful responses per second. */
function startFlood(fleet: BenchFleet, tenant: BenchTenant): { stop(): Promise<number> } {
  const startedAt = performance.now();
  let isOver = false;
  let served = 0;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const { status, headers } = await fleet.answer(tenant, { path: CONFIG_MAPS });
      // A client's next request arrives in a later iteration of the event loop.
      await setImmediate();
      if (status === 200) served++;
      // Clients honour Retry-After.
      else await new Promise((resolve) => setTimeout(resolve, Number(headers['retry-after'] ?? 1) * 1000));
    }
  };
  const clients = inTurns(FLOOD, FLOOD, client);
  return {
    async stop() {
      const seconds = (performance.now() - startedAt) / 1000;
      isOver = true;
      await clients;
      return served / seconds;
    },
  };
}

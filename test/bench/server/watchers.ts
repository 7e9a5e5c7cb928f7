import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, cpuMs, type Target } from './bench-server.ts';
import { CONFIG_MAPS, configMap, WATCH_ENCODINGS } from './operations.ts';

export const WATCHERS = 1_000;
const WRITES = 10;
/** Writes before measuring: code is also warm for other requests by then. */
const WARMING_WRITES = 3;
const LONGEST_MS = 30_000;

export interface WatchTimes {
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Of all processes, per write; undefined if unknown. */
  readonly cpuMs: number | undefined;
}

/** Sequential writes to an object with a thousand watchers: the delay of each event for each watcher. */
export async function watchTimes(
  target: Target,
  encoding: keyof typeof WATCH_ENCODINGS,
): Promise<WatchTimes> {
  const name = `watched-${encoding.toLowerCase()}`;
  await call(target, { method: 'POST', path: CONFIG_MAPS, body: JSON.stringify(configMap(name)) }, 409);
  const { metadata } = JSON.parse(await call(target, { method: 'GET', path: `${CONFIG_MAPS}/${name}` }));
  const query = `watch=1&resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`;
  const agent = new Agent({ ...target.tls, maxSockets: WATCHERS });
  const times: number[] = [];
  let sentAt = 0;
  let waiting = 0;
  let all = () => {};
  const watch = async () => {
    const headers = { accept: WATCH_ENCODINGS[encoding] };
    const outgoing = request(`${target.url}${CONFIG_MAPS}?${query}`, { headers, agent });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    let heard = 0;
    response.on('data', () => {
      if (heard === sentAt) return;
      heard = sentAt;
      times.push(performance.now() - sentAt);
      if (--waiting === 0) all();
    });
    response.on('error', () => undefined);
  };
  // In batches: a flood of handshakes is a separate benchmark.
  for (let i = 0; i < WATCHERS; i += 100) await Promise.all(Array.from({ length: 100 }, watch));
  let before: number | undefined;
  for (let n = -WARMING_WRITES; n < WRITES; n++) {
    if (n === 0) {
      times.length = 0;
      before = cpuMs(target.pids());
    }
    const delivered = new Promise<void>((done) => {
      all = done;
    });
    waiting = WATCHERS;
    sentAt = performance.now();
    const body = JSON.stringify(configMap(name, `value-${n}`));
    await call(target, { method: 'PUT', path: `${CONFIG_MAPS}/${name}`, body });
    const late = new AbortController();
    await Promise.race([
      delivered,
      sleep(LONGEST_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`${waiting} of ${WATCHERS} watchers did not get it`);
      }),
    ]);
    late.abort();
  }
  const after = cpuMs(target.pids());
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)]!;
  return { medianMs: at(0.5), p99Ms: at(0.99), cpuMs: before && after && (after - before) / WRITES };
}

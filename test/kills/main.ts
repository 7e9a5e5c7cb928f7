/**
 * `npm run kills`: repeatedly kills the local server and its store while clients write; afterwards every acknowledged
 * write must exist. Each kill waits until a write was acknowledged since the last one, so that it hits a working
 * server. Linux only: the parents of processes are read from /proc.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { call, type KilledServer, killStart, startServer, storesOf } from './killed-server.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    /** Maximum milliseconds from the first write acknowledged after a kill to the next kill. */
    every: { type: 'string', default: '400' },
    clients: { type: 'string', default: '16' },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';
/** Time the server may take until it acknowledges writes again. */
const PATIENCE_MS = 60_000;
/** Milliseconds within which a start may be killed, and the share of starts that are. */
const START_MS = 1_500;
const START_KILLS = 0.2;

const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-kills-'));
const until = performance.now() + Number(values.seconds) * 1000;
const counts = { server: 0, store: 0, starting: 0, starts: 0, acknowledged: 0, failed: 0 };
let server: KilledServer | undefined;
const ARGS = ['--secure-port=0'];

async function start(): Promise<KilledServer> {
  const started = await startServer(dataDir, { name: 'default', args: ARGS });
  counts.starts++;
  return started;
}

/** A client's knowledge of its object: the last acknowledged round, and the last one requested. */
interface Known {
  readonly name: string;
  acknowledged: number;
  asked: number;
}

const objects: Known[] = [];

/**
 * Creates an object, updates it several times, and continues with the next. A write without a response may or may not
 * have taken effect.
 */
async function client(id: number): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    const known: Known = { name: `c-${id}-${n}`, acknowledged: -1, asked: -1 };
    objects.push(known);
    for (let round = 0; round < 5 && performance.now() < until; round++) {
      const at = server?.api;
      if (at === undefined) {
        await sleep(20);
        round--;
        continue;
      }
      const body = { metadata: { name: known.name }, data: { round: String(round), pad: 'x'.repeat(500) } };
      known.asked = round;
      try {
        const { status, json } =
          round === 0
            ? await call(at, 'POST', PATH, body)
            : await call(at, 'PUT', `${PATH}/${known.name}`, body);
        if (status < 300) {
          known.acknowledged = round;
          counts.acknowledged++;
        } else {
          failed((json as { message?: string }).message ?? String(status));
          break;
        }
      } catch (error) {
        failed((error as Error).message);
        break;
      }
    }
  }
}

/** Number of failures by reason, without variable parts. */
const reasons = new Map<string, number>();

function failed(message: string): void {
  const reason = message.replace(/[\d"].*/, '...');
  counts.failed++;
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

/**
 * Waits until a write is acknowledged or the time is over. Rejects if none is acknowledged for long, or if the server
 * has exited.
 */
async function untilAcknowledged({ child }: KilledServer): Promise<void> {
  const before = counts.acknowledged;
  const end = performance.now() + PATIENCE_MS;
  while (counts.acknowledged === before && performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended by itself, with ${child.exitCode}`);
    if (performance.now() > end) throw new Error('no write is acknowledged any more');
    await sleep(2);
  }
}

async function killer(): Promise<void> {
  for (let turn = 0; performance.now() < until; turn++) {
    for (; server === undefined && Math.random() < START_KILLS; counts.starting++) {
      await killStart(dataDir, ARGS, Math.random() * START_MS);
    }
    server ??= await start();
    await untilAcknowledged(server);
    await sleep(Math.random() * Number(values.every));
    const { child } = server;
    // The store four times, which its server restarts; then the server.
    if (turn % 5 < 4) {
      for (const pid of storesOf(child.pid!)) {
        process.kill(pid, 'SIGKILL');
        counts.store++;
      }
      continue;
    }
    server = undefined;
    child.kill('SIGKILL');
    counts.server++;
  }
}

const lost: string[] = [];
try {
  await Promise.all([killer(), ...Array.from({ length: Number(values.clients) }, (_, id) => client(id))]);
  server?.child.kill('SIGKILL');
  server = await start();
  const list = (await call(server.api, 'GET', PATH)).json as {
    items: readonly { metadata: { name: string }; data?: { round: string } }[];
  };
  const there = new Map(list.items.map(({ metadata, data }) => [metadata.name, Number(data?.round)]));
  for (const { name, acknowledged, asked } of objects) {
    const round = there.get(name) ?? -1;
    if (round < acknowledged || round > asked) {
      lost.push(`${name}: round ${round} is there, ${acknowledged} was acknowledged, ${asked} asked for`);
    }
  }
} finally {
  server?.child.kill('SIGKILL');
  await sleep(500);
  rmSync(dataDir, { recursive: true, force: true });
}
console.log(
  `${counts.server} kills of the server, ${counts.starting} as it started, ${counts.store} of its store, ${counts.starts} starts; ` +
    `${counts.acknowledged} writes acknowledged, ${counts.failed} not; ${lost.length} lost or not asked for`,
);
for (const [reason, count] of reasons) console.log(`  ${count} times: ${reason}`);
for (const line of lost.slice(0, 20)) console.log(`  ${line}`);
process.exit(lost.length > 0 ? 1 : 0);

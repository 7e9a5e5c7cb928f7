/**
 * `npm run kills`: the local server and its store are killed again and again while clients write; afterwards every
 * write that was acknowledged must be there. Nobody is killed before a write was acknowledged since the last kill, so that
 * each kill meets a server at work. Linux, which shows whose child the store is.
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
    /** Milliseconds from the first write that is acknowledged after a kill to the next kill, at most. */
    every: { type: 'string', default: '400' },
    clients: { type: 'string', default: '16' },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';
/** For so long the server may take until it acknowledges a write again. */
const PATIENCE_MS = 60_000;
/** Milliseconds of a start within which it may be killed, and how often one is. */
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

/** What one client knows of its object: the last round that was acknowledged, and the last that was asked for. */
interface Known {
  readonly name: string;
  acknowledged: number;
  asked: number;
}

const objects: Known[] = [];

/** Creates an object, and updates it some times; begins the next. An unanswered write may have happened or not. */
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

/** How often each reason was told, with what differs from one to the next left out. */
const reasons = new Map<string, number>();

function failed(message: string): void {
  const reason = message.replace(/[\d"].*/, '...');
  counts.failed++;
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

/** Until a write is acknowledged, or the time is over. Throws Error where nothing is for long, or the server has ended. */
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
    // Four times the store, which its server starts again; then the server.
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

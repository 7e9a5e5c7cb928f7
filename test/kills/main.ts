/**
 * `npm run kills`: the local server and its store are killed again and again while clients write; afterwards every
 * write that was acknowledged must be there. Linux, which shows whose child the store is.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { call, type KilledServer, startServer, storesOf } from './killed-server.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    /** Milliseconds between a kill and the next, once there is somebody to kill. */
    every: { type: 'string', default: '400' },
    clients: { type: 'string', default: '8' },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';

const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-kills-'));
const until = performance.now() + Number(values.seconds) * 1000;
const counts = { server: 0, store: 0, starts: 0, acknowledged: 0, failed: 0 };
let server: KilledServer | undefined;

async function start(): Promise<KilledServer> {
  const started = await startServer(dataDir, { name: 'default', args: ['--secure-port=0'] });
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

async function killer(): Promise<void> {
  for (let turn = 0; performance.now() < until; turn++) {
    server ??= await start();
    await sleep(Number(values.every));
    const { child } = server;
    const stores = storesOf(child.pid!);
    // Four times the store, which its server starts again; then the server.
    if (turn % 5 < 4 && child.exitCode === null) {
      for (const pid of stores) {
        process.kill(pid, 'SIGKILL');
        counts.store++;
      }
      continue;
    }
    server = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      counts.server++;
    }
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
  `${counts.server} kills of the server, ${counts.store} of its store, ${counts.starts} starts; ` +
    `${counts.acknowledged} writes acknowledged, ${counts.failed} not; ${lost.length} lost or not asked for`,
);
for (const [reason, count] of reasons) console.log(`  ${count} times: ${reason}`);
for (const line of lost.slice(0, 20)) console.log(`  ${line}`);
process.exit(lost.length > 0 ? 1 : 0);

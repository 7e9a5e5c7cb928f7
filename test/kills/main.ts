/**
 * `npm run kills`: the local server and its store are killed again and again while clients write; afterwards every
 * write that was acknowledged must be there. Linux, which shows whose child the store is.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    /** Milliseconds between a kill and the next, once there is somebody to kill. */
    every: { type: 'string', default: '400' },
    clients: { type: 'string', default: '8' },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly agent: Agent;
}

const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-kills-'));
const until = performance.now() + Number(values.seconds) * 1000;
const counts = { server: 0, store: 0, starts: 0, acknowledged: 0, failed: 0 };
let server: Server | undefined;

async function startServer(): Promise<Server> {
  const command = [resolve('infra/local/zeroplane.mjs'), 'start', '--secure-port=0', `--data-dir=${dataDir}`];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2_000);
  });
  let url: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= / at (https:\S+)$/.exec(line)?.[1];
    if (url !== undefined && line.includes('KUBECONFIG')) break;
  }
  if (url === undefined) throw new Error(`the server did not start: ${said}`);
  counts.starts++;
  return { child, url, agent: new Agent({ keepAlive: true, ...credentials() }) };
}

/** Of the kubeconfig that the server writes. */
function credentials() {
  const text = readFileSync(join(dataDir, 'default.kubeconfig'), 'utf8');
  const data = (name: string) =>
    Buffer.from(new RegExp(`${name}: "?([^"\\s]+)`).exec(text)?.[1] ?? '', 'base64').toString();
  return {
    ca: data('certificate-authority-data'),
    cert: data('client-certificate-data'),
    key: data('client-key-data'),
  };
}

function call(
  { url, agent }: Server,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: unknown }> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(`${url}${path}`, { agent, method, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          done({ status: response.statusCode ?? 0, json: JSON.parse(text) });
        } catch (error) {
          fail(error as Error);
        }
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', fail);
    outgoing.end(body && JSON.stringify(body));
  });
}

/** Process ids of the store of the server. */
function storesOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
        return Number(parent) === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('/dynoxide');
      } catch {
        return false;
      }
    })
    .map(Number);
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
      const at = server;
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
    server ??= await startServer();
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
  server = await startServer();
  const list = (await call(server, 'GET', PATH)).json as {
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

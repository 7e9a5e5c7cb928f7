/**
 * `npm run kills:fleet`: repeatedly kills a local fleet and its store, while control planes are created, moved,
 * suspended, given new keys and deleted. Afterwards each must be complete, with all acknowledged objects, or deleted
 * without remains. Linux only: the parents of processes are read from /proc.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmbeddedDynamoDB } from '../../infra/local/dynamodb/embedded-dynamodb.ts';
import { lockFolder } from '../../infra/local/dynamodb/folder-lock.ts';
import { CONTROL_PLANES, type ControlPlane, MANAGEMENT_PLANE } from '../../shared/fleet/control-plane.ts';
import { readinessOf } from '../../shared/fleet/report-readiness.ts';
import { TenantDirectory } from '../../shared/fleet/tenant-directory.ts';
import { itemsOf, TenantTable } from '../../shared/storage/dynamodb/tenant-table.ts';
import { newLogger } from '../../shared/util/logger.ts';
import {
  type Answer,
  type Api,
  apiOf,
  call,
  type KilledServer,
  startServer,
  storesOf,
} from './killed-server.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    /** Maximum milliseconds between kills, once a process is running. */
    every: { type: 'string', default: '3000' },
    /** Number of concurrent control planes. */
    tenants: { type: 'string', default: '4' },
  },
});
const PLANES = `/apis/${CONTROL_PLANES.group}/${CONTROL_PLANES.version}/namespaces/default/controlplanes`;
const MARKS = '/api/v1/namespaces/default/configmaps';
const MERGE = 'application/merge-patch+json';
/** Time a control plane may take to reach its desired state once kills have stopped. */
const PATIENCE_MS = 240_000;

const dataDir = mkdtempSync(join(tmpdir(), 'zeroplane-kills-'));
const until = performance.now() + Number(values.seconds) * 1000;
const counts = { server: 0, store: 0, starts: 0, made: 0, moved: 0, rotated: 0, suspended: 0, ended: 0 };
const wrong: string[] = [];
/** The storage of every control plane: its key prefix and its tables, by name. */
const places = new Map<string, { id: string; tables: Set<string> }>();
let server: KilledServer | undefined;

const isOver = (): boolean => performance.now() > until;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
// The addresses of control planes must not change.
const port = await freePort();

async function start(): Promise<KilledServer> {
  const args = ['--fleet', `--secure-port=${port}`];
  const started = await startServer(dataDir, { name: MANAGEMENT_PLANE, args });
  counts.starts++;
  return started;
}

/** Repeats a request until it is answered by a server that is neither shutting down nor busy. */
async function asked(
  api: () => Api | undefined,
  ...[method, path, body, type]: Parameters<typeof call> extends [Api, ...infer R] ? R : never
): Promise<Answer> {
  const end = until + PATIENCE_MS;
  for (;;) {
    const at = api();
    try {
      if (at !== undefined) {
        const answer = await call(at, method, path, body, type);
        if (answer.status < 500 && answer.status !== 429) return answer;
      }
    } catch {
      // The server was killed.
    }
    if (performance.now() > end) throw new Error(`${method} ${path}: nobody answers`);
    await sleep(100);
  }
}

const management = (): Api | undefined => server?.api;

class Tenant {
  readonly name: string;
  #api: Api | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Runs the lifecycle of a control plane. */
  async live(): Promise<void> {
    const isolation = Math.random() < 0.5 ? 'Shared' : 'Dedicated';
    const body = {
      apiVersion: `${CONTROL_PLANES.group}/${CONTROL_PLANES.version}`,
      kind: 'ControlPlane',
      metadata: { name: this.name },
      spec: { isolation },
    };
    const made = await asked(management, 'POST', PLANES, body);
    if (made.status !== 201 && made.status !== 409) throw new Error(JSON.stringify(made.json));
    await this.#whole('made');
    counts.made++;
    await this.#mark();
    for (const change of shuffled(['moved', 'rotated', 'suspended'] as const)) {
      if (isOver()) break;
      await this.#change(change, isolation);
      counts[change]++;
    }
    // Some are kept to be checked at the end.
    if (isOver() && Math.random() < 0.5) return;
    await this.#end();
    counts.ended++;
  }

  async #change(what: 'moved' | 'rotated' | 'suspended', isolation: string): Promise<void> {
    if (what === 'suspended') {
      await this.#patch({ suspended: true });
      await this.#until((object) => readinessOf(object)?.reason === 'Suspended', 'suspended');
      await this.#patch({ suspended: false });
    } else if (what === 'moved') {
      await this.#patch({ isolation: isolation === 'Shared' ? 'Dedicated' : 'Shared' });
    } else await this.#patch({ signingKey: 2, signingAuthority: 2 });
    await this.#whole(what);
    await this.#marked(what);
  }

  async #patch(spec: object): Promise<void> {
    const { status, json } = await asked(management, 'PATCH', `${PLANES}/${this.name}`, { spec }, MERGE);
    if (status !== 200) throw new Error(JSON.stringify(json));
  }

  async #until(isSo: (object: ControlPlane) => boolean, what: string): Promise<ControlPlane> {
    const end = Math.max(until, performance.now()) + PATIENCE_MS;
    for (;;) {
      const { status, json } = await asked(management, 'GET', `${PLANES}/${this.name}`);
      const object = json as ControlPlane;
      if (status === 200) {
        const { storage } = object.status ?? {};
        if (storage !== undefined) {
          const place = places.get(this.name) ?? { id: storage.id, tables: new Set() };
          place.tables.add(storage.table);
          places.set(this.name, place);
        }
        if (isSo(object)) return object;
      }
      if (performance.now() > end)
        throw new Error(`is not ${what}: ${JSON.stringify(object.status ?? json)}`);
      await sleep(100);
    }
  }

  /** Waits until it is ready for the latest spec, then reads its kubeconfig again. */
  async #whole(what: string): Promise<void> {
    await this.#until((object) => {
      const ready = readinessOf(object);
      return ready?.status === 'True' && ready.observedGeneration === object.metadata.generation;
    }, what);
    const { json } = await asked(
      management,
      'GET',
      `/api/v1/namespaces/default/secrets/${this.name}-kubeconfig`,
    );
    const { value = '' } = (json as { data?: { value?: string } }).data ?? {};
    this.#api = apiOf(Buffer.from(value, 'base64').toString());
  }

  async #mark(): Promise<void> {
    const body = { metadata: { name: 'mark' }, data: { of: this.name } };
    const { status, json } = await asked(() => this.#api, 'POST', MARKS, body);
    if (status !== 201 && status !== 409) throw new Error(JSON.stringify(json));
  }

  async #marked(what: string): Promise<void> {
    const { status, json } = await asked(() => this.#api, 'GET', `${MARKS}/mark`);
    const { of } = (json as { data?: { of?: string } }).data ?? {};
    if (of !== this.name)
      wrong.push(`${this.name}, ${what}: its object is answered with ${status} ${of ?? ''}`);
  }

  async #end(): Promise<void> {
    await asked(management, 'DELETE', `${PLANES}/${this.name}`);
    const end = Math.max(until, performance.now()) + PATIENCE_MS;
    for (;;) {
      const { status, json } = await asked(management, 'GET', `${PLANES}/${this.name}`);
      if (status === 404) return;
      if (performance.now() > end)
        throw new Error(`does not end: ${JSON.stringify((json as ControlPlane).status)}`);
      await sleep(100);
    }
  }
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

async function worker(slot: number): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    const name = `t-${slot}-${n}`;
    try {
      await new Tenant(name).live();
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`);
    }
  }
}

async function killer(): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    server ??= await start();
    await sleep(Math.random() * Number(values.every));
    const { child } = server;
    // Every third time the store, which its server restarts.
    if (turn % 3 === 2) {
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
  server ??= await start();
}

/** Deleted control planes must have no remains; the others only in the tables they name. */
async function leftovers(names: ReadonlySet<string>): Promise<void> {
  const logger = newLogger(() => undefined);
  const dataFile = join(dataDir, 'dynamodb.sqlite');
  const dynamodb = await startEmbeddedDynamoDB({ dataFile, lock: () => lockFolder(dataDir), logger });
  const fleetTable = `zeroplane-${MANAGEMENT_PLANE}`;
  const table = dynamodb.openTable(fleetTable);
  for await (const { entry } of new TenantDirectory(table).all()) {
    if (!names.has(entry.name))
      wrong.push(`${entry.name}: it is gone, and in the directory as ${entry.state}`);
    else if (entry.leftovers !== undefined) wrong.push(`${entry.name}: it has leftovers ${entry.leftovers}`);
  }
  for (const [name, { id }] of places) {
    if (names.has(name)) continue;
    const rows = new TenantTable(table, id);
    for (const pk of await rows.partitions()) {
      for await (const { sk } of itemsOf(rows, pk))
        wrong.push(`${name}: it is gone, and ${pk} ${sk} is there`);
    }
  }
  await dynamodb.stop();
}

try {
  await Promise.all([killer(), ...Array.from({ length: Number(values.tenants) }, (_, slot) => worker(slot))]);
  const { json } = await asked(management, 'GET', PLANES);
  const left = (json as { items: readonly ControlPlane[] }).items;
  const ended = new Promise((resolve) => server!.child.once('exit', resolve));
  server!.child.kill('SIGTERM');
  await ended;
  server = undefined;
  await leftovers(new Set(left.map(({ metadata }) => metadata.name!)));
} finally {
  server?.child.kill('SIGKILL');
  await sleep(500);
  rmSync(dataDir, { recursive: true, force: true });
}
const { server: servers, store, starts, ...lives } = counts;
console.log(
  `${servers} kills of the fleet, ${store} of its store, ${starts} starts; control planes ${Object.entries(
    lives,
  )
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')}; ${wrong.length} that are neither whole nor gone`,
);
for (const line of wrong.slice(0, 20)) console.log(`  ${line}`);
process.exit(wrong.length > 0 ? 1 : 0);

/** A run: processes, a table, and clients that do what the seed tells them, all in virtual time. */

import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { DEFAULT_PROTOCOL, type Protocol } from '../../shared/storage/dynamodb/protocol.ts';
import type { StorageConfig } from '../../shared/storage/storage.ts';
import { check } from './checker.ts';
import { Client } from './client.ts';
import { CALM, drawProfile, fatesOf, type Profile } from './faults.ts';
import { History, type Thing, type WatchRun } from './history.ts';
import { Random } from './random.ts';
import { type Decide, SimulatedConnection } from './simulated-connection.ts';
import { type BrokenRules, SimulatedTable } from './simulated-table.ts';
import { SimulatedProcess, World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly broken?: BrokenRules | undefined;
  readonly protocol?: Partial<Protocol> | undefined;
  /** Return what happened in place of what was wrong. */
  readonly trace?: boolean;
}

export const CONFIG: StorageConfig<Thing> = {
  resourcePrefix: '/registry/things',
  codec: {
    encode,
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Thing,
    rewriteResourceVersion: (bytes, revision) =>
      encode(JSON.parse(Buffer.from(bytes).toString()) as Thing, revision),
  },
  attributes: () => ({ labels: {}, fields: {} }),
};

function encode({ metadata, token }: Thing, revision: number): Uint8Array {
  return Buffer.from(
    JSON.stringify({ metadata: { name: metadata.name, resourceVersion: String(revision) }, token }),
  );
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Longer than any process is frozen. */
const QUIET = 3 * HOUR;

/** Days go by in a run: what only polls and tells of time does so rarely. */
const UNHURRIED: Partial<Protocol> = { pollIdleMs: 10 * MINUTE, bookmarkMs: 10 * MINUTE };

/** One process with its storage. */
export interface Node {
  readonly process: SimulatedProcess;
  readonly factory: DynamoDBStorageFactory;
  readonly connection: SimulatedConnection;
}

export class Simulation {
  readonly random: Random;
  readonly world: World;
  readonly table: SimulatedTable;
  readonly history = new History();
  readonly running = new Set<WatchRun>();
  /** Decides on each call; schedules set their own. */
  decide: Decide;
  profile: Profile = CALM;
  readonly #options: SimulationOptions;
  readonly #nodes: Node[] = [];
  #tokens = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.world = new World(this.random);
    this.table = new SimulatedTable(this.world, options.broken);
    this.decide = fatesOf(this.random, () => this.profile);
  }

  newNode(
    tuning: { skewMs?: number; memoryBytes?: number; windowBytes?: number; partBytes?: number } = {},
  ): Node {
    const process = new SimulatedProcess(this.world, `P${this.#nodes.length + 1}`, tuning.skewMs ?? 0);
    const connection = new SimulatedConnection({
      table: this.table,
      process,
      decide: (call) => this.decide(call),
    });
    const { memoryBytes, windowBytes, partBytes = DEFAULT_PROTOCOL.partBytes } = tuning;
    const factory = new DynamoDBStorageFactory({
      table: connection,
      clock: process.clock,
      memoryBytes,
      windowBytes,
      protocol: { ...UNHURRIED, partBytes, ...this.#options.protocol },
    });
    const node = { process, factory, connection };
    this.#nodes.push(node);
    return node;
  }

  newClient(name: string, node: Node): Client {
    return new Client({
      name,
      node,
      history: this.history,
      running: this.running,
      newToken: () => `t${++this.#tokens}`,
    });
  }

  /** Goes on until `promise` is settled; a run in which it never is has hung. */
  async finish<V>(promise: Promise<V>, withinMs = 100 * HOUR): Promise<V> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => {});
    await this.world.run({ until: this.world.now + withinMs, done: () => settled });
    if (!settled) throw new Error('the run hangs');
    return await watched;
  }

  async pass(ms: number): Promise<void> {
    await this.world.run({ until: this.world.now + ms });
  }

  /** Lets all that is under way come to an end, with no more faults; then a newcomer reads it all. */
  async quiesce(): Promise<void> {
    this.profile = CALM;
    this.decide = fatesOf(this.random, () => this.profile);
    await this.pass(QUIET);
    await this.finish(this.newClient('last', this.newNode()).list({ prefix: '' }));
    await this.pass(HOUR);
  }

  /** Every operation and its outcome. */
  trace(): string[] {
    return this.history.operations.map((operation) => JSON.stringify(operation));
  }

  check(): string[] {
    const { table, history } = this;
    const dead = new Set(this.#nodes.flatMap(({ process }) => (process.alive ? [] : process.name)));
    const running = new Set(
      history.operations.flatMap(({ action, process }) =>
        action.kind === 'watch' && this.running.has(action) && !dead.has(process) ? action : [],
      ),
    );
    return check({ table, history, running, resourcePrefix: CONFIG.resourcePrefix });
  }
}

/** A run of the seed's own making; returns what is wrong with it. */
export async function simulate(options: SimulationOptions): Promise<string[]> {
  const simulation = new Simulation(options);
  const { random, world } = simulation;
  simulation.profile = drawProfile(random);
  const nodes = Array.from({ length: 2 + random.below(3) }, () => newRandomNode(simulation));
  const keys = Array.from({ length: 1 + random.below(5) }, (_, n) => `${n % 2 === 0 ? 'a' : 'b'}/${n}`);
  const longSilences = random.chance(0.3);
  const clients = Array.from({ length: 2 + random.below(6) }, async (_, n) => {
    let node = random.pick(nodes);
    let client = simulation.newClient(`C${n}`, node);
    for (let step = 5 + random.below(20); step > 0; step--) {
      if (!node.process.alive) return;
      if (random.chance(0.1)) {
        node = random.pick(nodes);
        client = simulation.newClient(`C${n}`, node);
      }
      await act(client, random, keys);
      const pause =
        longSilences && random.chance(0.1)
          ? random.between(0, 30 * HOUR)
          : random.between(0, random.pick([1, 100, 20_000]));
      await sleepIn(world, pause);
    }
  });
  let over = false;
  const expiring = () => {
    if (over) return;
    simulation.table.expire(0.5);
    world.schedule(world.now + HOUR, expiring);
  };
  world.schedule(world.now + HOUR, expiring);

  // Clients of processes that die never finish: time alone ends the run.
  let finished = 0;
  for (const client of clients) void client.then(() => finished++);
  await world.run({ until: world.now + 400 * HOUR, done: () => finished === clients.length || idle(nodes) });
  over = true;
  await simulation.quiesce();
  return options.trace ? simulation.trace() : simulation.check();
}

function newRandomNode(simulation: Simulation): Node {
  const { random } = simulation;
  return simulation.newNode({
    skewMs: random.chance(0.5) ? 0 : random.between(-4 * MINUTE, 4 * MINUTE),
    memoryBytes: random.chance(0.3) ? 0 : 1_000_000,
    windowBytes: random.pick([0, 5_000, 1_000_000]),
    // Small ones put even these objects into parts.
    partBytes: random.pick([DEFAULT_PROTOCOL.partBytes, 60]),
  });
}

const idle = (nodes: readonly Node[]) => nodes.every(({ process }) => !process.alive);

/** A client's pause is its own: it lives on when a process dies. */
function sleepIn(world: World, ms: number): Promise<void> {
  return new Promise((resolve) => world.schedule(world.now + ms, resolve));
}

async function act(client: Client, random: Random, keys: readonly string[]): Promise<void> {
  const key = random.pick(keys);
  const prefix = random.pick(['', 'a/', 'b/']);
  const resourceVersion = random.pick(['', '', '0', client.someRevision(random)]);
  switch (random.below(10)) {
    case 0:
    case 1:
      return await client.create(key);
    case 2:
    case 3:
      return await client.update(key, { upsert: random.chance(0.5), cached: random.chance(0.5) });
    case 4:
      return await client.delete(key, { cached: random.chance(0.5) });
    case 5:
      return await client.get(key, resourceVersion);
    case 6:
      return await client.list({ prefix });
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
        pause: () => sleepIn(client.world, random.between(0, 2_000)),
      });
    default:
      client.watch({
        prefix,
        resourceVersion,
        pause: () => sleepIn(client.world, random.chance(0.8) ? 0 : random.between(0, 60_000)),
      });
  }
}

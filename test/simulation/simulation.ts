/** A run: processes, a table, and clients that do what the seed tells them, all in virtual time. */

import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { HintBoard } from '../../shared/storage/dynamodb/hint-board.ts';
import { DEFAULT_PROTOCOL, type Protocol } from '../../shared/storage/dynamodb/protocol.ts';
import { check } from './checker.ts';
import { Client } from './client.ts';
import { CALM, fatesOf, type Profile } from './faults.ts';
import { History, type WatchRun } from './history.ts';
import { Random } from './random.ts';
import { type Decide, SimulatedConnection } from './simulated-connection.ts';
import { type BrokenRules, SimulatedTable } from './simulated-table.ts';
import { CONFIG } from './things.ts';
import { SimulatedProcess, World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly broken?: BrokenRules | undefined;
  readonly protocol?: Partial<Protocol> | undefined;
  /** Return what happened in place of what was wrong. */
  readonly trace?: boolean;
}

/** Followed, too, and never written to. */
const OTHERS = ['/registry/others', '/registry/zeroes'];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Longer than any process is frozen. */
const QUIET = 3 * HOUR;

/** Days go by in a run: what only polls and tells of time does so rarely. */
const UNHURRIED: Partial<Protocol> = {
  ...{ pollIdleMs: 10 * MINUTE, bookmarkMs: 10 * MINUTE },
  ...{
    hintIdleMs: 40 * MINUTE,
    hintLateMs: HOUR,
    hintKeptMs: HOUR,
    hintedPauseMs: HOUR,
    unhintedMs: 3 * HOUR,
  },
};

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
  /** What a schedule itself finds wrong. */
  readonly #failures: string[] = [];
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
    tuning: {
      skewMs?: number;
      memoryBytes?: number;
      windowBytes?: number;
      partBytes?: number;
      packFrom?: number;
      followAfter?: number;
      resolvedStep?: number;
      alone?: boolean;
      /** Whether it leaves hints and hears those of others. */
      hinted?: boolean;
      /** It polls as often as it does outside of simulations. */
      hurried?: boolean;
      /** Whether it asks for what heads tell together. */
      follows?: boolean;
    } = {},
  ): Node {
    const process = new SimulatedProcess(this.world, `P${this.#nodes.length + 1}`, tuning.skewMs ?? 0);
    const connection = new SimulatedConnection({
      table: this.table,
      process,
      decide: (call) => this.decide(call),
    });
    const { memoryBytes, windowBytes, alone = false } = tuning;
    const { partBytes, packFrom, followAfter, resolvedStep } = { ...DEFAULT_PROTOCOL, ...tuning };
    const { clock, name: writer } = process;
    const protocol = {
      ...(tuning.hurried ? {} : UNHURRIED),
      ...{ partBytes, packFrom, followAfter, resolvedStep, alone },
      ...this.#options.protocol,
    };
    const board = new HintBoard({ table: connection, clock, protocol, writer, leaves: true, listens: true });
    const factory = new DynamoDBStorageFactory({
      ...{ table: connection, clock, memoryBytes, windowBytes, protocol },
      hintsOf: tuning.hinted ? board.of('') : undefined,
    });
    if (tuning.follows) factory.follow([CONFIG.resourcePrefix, ...OTHERS]);
    const node = { process, factory, connection };
    this.#nodes.push(node);
    return node;
  }

  newClient(name: string, node: Node): Client {
    return new Client({
      name,
      process: node.process.name,
      factory: node.factory,
      config: CONFIG,
      now: () => this.world.now,
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

  /** Tells that a schedule found something wrong, unless it is so. */
  expect(isSo: boolean, otherwise: string): void {
    if (!isSo) this.#failures.push(otherwise);
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
    const skews = new Map(this.#nodes.map(({ process }) => [process.name, process.skewMs]));
    const { resourcePrefix } = CONFIG;
    return [...this.#failures, ...check({ table, history, complete: true, running, skews, resourcePrefix })];
  }
}

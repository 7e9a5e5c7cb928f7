/** A run: processes, a table, and clients that follow the seed, all in virtual time. */

import { DynamoDBStorageFactory } from '../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { HintBoard } from '../../shared/storage/dynamodb/hint-board.ts';
import { plant } from '../../shared/storage/dynamodb/plant.ts';
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
  /** Return the trace instead of the violations. */
  readonly trace?: boolean;
}

/** Also followed, but never written to. */
const OTHERS = ['/registry/others', '/registry/zeroes'];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Longer than any process is frozen. */
const QUIET = 3 * HOUR;

/** A run lasts days, so periodic work is done rarely. */
const UNHURRIED: Partial<Protocol> = {
  ...{ pollIdleMs: 10 * MINUTE, bookmarkMs: 10 * MINUTE },
  ...{
    hintIdleMs: 40 * MINUTE,
    hintLateMs: HOUR,
    hintTTLMs: HOUR,
    hintedBusyMs: HOUR,
    hintedPauseMs: HOUR,
    unhintedMs: 3 * HOUR,
  },
};

/** A process with its storage. */
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
  /** Decides the fate of each call; schedules set their own. */
  decide: Decide;
  profile: Profile = CALM;
  /** Violations found by a schedule itself. */
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
      /** Whether it sends hints and receives those of others. */
      hinted?: boolean;
      /** Whether it polls at the usual rate. */
      hurried?: boolean;
      /** Whether it follows the heads that stand together. */
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
    const board = new HintBoard({
      table: connection,
      clock,
      protocol,
      writer,
      publishes: true,
      listens: true,
    });
    const factory = new DynamoDBStorageFactory({
      ...{ table: connection, clock, memoryBytes, windowBytes, protocol, plant },
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

  /** Runs until `promise` settles; a run in which it never does has hung. */
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

  /** Records a violation unless `isSo`. */
  expect(isSo: boolean, otherwise: string): void {
    if (!isSo) this.#failures.push(otherwise);
  }

  /** Lets everything in flight finish without further faults; then a new process reads everything. */
  async quiesce(): Promise<void> {
    this.profile = CALM;
    this.decide = fatesOf(this.random, () => this.profile);
    await this.pass(QUIET);
    await this.finish(this.newClient('last', this.newNode()).list({ prefix: '' }));
    await this.pass(HOUR);
  }

  /** All operations with their outcomes. */
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
    return [
      ...this.#failures,
      ...table.proofs.wrong,
      ...check({ table, history, complete: true, running, skews, resourcePrefix }),
    ];
  }
}

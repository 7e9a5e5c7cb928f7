/** The DynamoDB that ships with Zeroplane: an emulator process that only this process can access. */

import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import type { Connection } from '../../../shared/storage/dynamodb/connection.ts';
import { PageLimits } from '../../../shared/storage/dynamodb/page-limits.ts';
import type { Logger } from '../../../shared/util/logger.ts';
import { localLogger } from '../logger.ts';
import { locateBinary } from './emulator-binary.ts';
import type { FolderLock } from './folder-lock.ts';
import { Journal } from './journal.ts';
import { JournaledConnection } from './journaled-connection.ts';
import { PipedConnection } from './piped-connection.ts';
import { faultText, StoreHealth } from './store-health.ts';
import { type OpenTable, sdkTableOpener } from './table-opener.ts';
import { ToolProcess } from './tool-process.ts';

export interface EmbeddedDynamoDB {
  readonly openTable: OpenTable;
  /** Whether it was started here, so that no other process writes to its tables. */
  readonly isOwn: boolean;
  /** The connection to the process started here; unset: an external one, at `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly connection?: Connection | undefined;
  /** Of the process started here; changes after a restart. */
  readonly pid?: number | undefined;
  /** Resolves, with its last output, when it has ended for good without being stopped. */
  readonly ended: Promise<string>;
  /** Ends the process, if one was started, and waits for its end. */
  stop(): Promise<void>;
}

export interface EmbeddedDynamoDBOptions {
  /** SQLite file to keep the data in; unset: in memory. */
  readonly dataFile?: string | undefined;
  /** Called before a process is started, which inherits the open file of the returned lock. */
  readonly lock?: (() => Promise<FolderLock>) | undefined;
  /** Unset: standard error. */
  readonly logger?: Logger | undefined;
}

/** A persistent emulator that ends is restarted, at most this often in the given time. */
const RESTARTS = { count: 5, withinMs: 60_000 } as const;

/** Time to apply journaled writes at the end; what is left is applied by the next process. */
const FLUSH_MS = 5_000;

/** Starts an emulator and waits until it answers, unless `AWS_ENDPOINT_URL_DYNAMODB` names an external one. */
export async function startEmbeddedDynamoDB(
  options: EmbeddedDynamoDBOptions = {},
): Promise<EmbeddedDynamoDB> {
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given !== undefined && given !== '') {
    return {
      openTable: await sdkTableOpener(given),
      isOwn: false,
      ended: new Promise(() => {}),
      stop: async () => {},
    };
  }
  const lock = await options.lock?.();
  try {
    return await Emulator.start(options, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

class Emulator implements EmbeddedDynamoDB {
  readonly isOwn = true;
  readonly connection: JournaledConnection;
  readonly ended: Promise<string>;
  readonly #pipe: PipedConnection;
  readonly #options: EmbeddedDynamoDBOptions;
  readonly #lock: FolderLock | undefined;
  readonly #restarts: number[] = [];
  #process: ToolProcess | undefined;
  #isStopping = false;
  #hasEnded: (output: string) => void = () => undefined;

  private constructor(options: EmbeddedDynamoDBOptions, lock: FolderLock | undefined) {
    const { dataFile, logger = localLogger({}) } = options;
    this.#options = options;
    this.#lock = lock;
    this.#pipe = new PipedConnection({
      fault: dataFile === undefined ? undefined : new StoreHealth(dataFile, logger),
    });
    this.connection = new JournaledConnection({ connection: this.#pipe, logger });
    this.ended = new Promise((resolve) => {
      this.#hasEnded = resolve;
    });
  }

  static async start(
    options: EmbeddedDynamoDBOptions,
    lock: FolderLock | undefined,
  ): Promise<EmbeddedDynamoDB> {
    const emulator = new Emulator(options, lock);
    try {
      await emulator.#start();
      await emulator.#openJournal();
    } catch (error) {
      await emulator.#abandon();
      throw new Error(
        `the embedded DynamoDB did not start: ${explained((error as Error).message, options)}`,
        { cause: error },
      );
    }
    return emulator;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  readonly openTable: OpenTable = (tableName, usage) =>
    new ConnectedTable(shared(this.connection), {
      tableName,
      pageLimits: new PageLimits(),
      onCapacity: usage?.add,
    });

  async stop(): Promise<void> {
    const flushed = this.connection.flush().catch(() => {});
    await Promise.race([flushed, sleep(FLUSH_MS, undefined, { ref: false })]);
    await this.#abandon();
    this.#lock?.release();
  }

  async #abandon(): Promise<void> {
    this.#isStopping = true;
    await this.#process?.stop();
    this.connection.close();
  }

  async #start(): Promise<void> {
    const { dataFile } = this.#options;
    const started = await ToolProcess.start({
      command: [locateBinary(), 'mcp', ...(dataFile === undefined ? [] : ['--db-path', dataFile])],
      folder: dataFile === undefined ? undefined : dirname(dataFile),
      // An emulator whose parent was killed may still be processing a call: its inherited lock holds until it has ended
      // as well.
      fds: this.#lock?.fds,
    });
    this.#process = started;
    this.#pipe.use(started);
    void started.ended.then((output) => this.#onUnexpectedEnd(output));
  }

  async #openJournal(): Promise<void> {
    const { dataFile, logger = localLogger({}) } = this.#options;
    if (dataFile === undefined) return;
    const path = `${dataFile}.journal`;
    const onRestored = () =>
      logger.warning(`${path} was removed or replaced while in use: it has been written again`);
    await this.connection.use(new Journal(path, { onRestored }));
  }

  async #onUnexpectedEnd(output: string): Promise<void> {
    this.#pipe.use(undefined);
    if (this.#isStopping) return;
    const reason = output === '' ? '' : `: ${output}`;
    const { dataFile, logger = localLogger({}) } = this.#options;
    const now = performance.now();
    while (this.#restarts.length > 0 && now - this.#restarts[0]! > RESTARTS.withinMs) this.#restarts.shift();
    if (dataFile === undefined || this.#restarts.length === RESTARTS.count)
      return this.#hasEnded(explained(output, this.#options));
    this.#restarts.push(now);
    logger.warning(`the embedded DynamoDB has ended${reason}; it is started again`);
    await this.#start().catch((error: Error) => this.#onUnexpectedEnd(error.message));
  }
}

/** The message, with advice if its cause is known. */
function explained(output: string, { dataFile = '' }: EmbeddedDynamoDBOptions): string {
  const fault = faultText(output, dataFile);
  return fault === undefined ? output : `${fault} (${output})`;
}

/** A connection that outlives the tables that use it. */
function shared(connection: Connection): Connection {
  return {
    bytes: connection.bytes,
    get fault() {
      return connection.fault;
    },
    send: (operation, input, options) => connection.send(operation, input, options),
    close: () => {},
  };
}

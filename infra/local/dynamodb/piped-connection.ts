/**
 * A connection to the embedded emulator that other users of this machine and web pages can't access: its tools over a
 * pipe, which are DynamoDB's operations under other names. Tools don't report which item a condition failed on, and
 * which of a transaction's writes it was: both are read afterwards.
 */

import { type AttributeValues, BASE64 } from '../../../shared/storage/dynamodb/attributes.ts';
import { callFailure, callRefusal } from '../../../shared/storage/dynamodb/call-failure.ts';
import type {
  Answer,
  CallFailure,
  Connection,
  Operation,
  SendOptions,
} from '../../../shared/storage/dynamodb/connection.ts';
import { BROKEN, TableError } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { consumedCapacity } from './consumed-capacity.ts';
import type { StoreHealth } from './store-health.ts';
import type { ToolAnswer, ToolProcess } from './tool-process.ts';

export interface PipedConnectionOptions {
  /** Milliseconds after which a call without a response counts as lost. */
  readonly requestTimeout?: number | undefined;
  /** Tracks faults of its file; unset: it has none. */
  readonly fault?: StoreHealth | undefined;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
}

/** Maximum number of concurrent calls; further ones wait. */
const MAX_CALLS = 50;

/** The tool for each operation, and its additional fixed arguments. */
const TOOLS: Readonly<Record<Operation, { readonly name: string; readonly fixed?: object }>> = {
  CreateTable: { name: 'create_table' },
  DeleteItem: { name: 'delete_item' },
  DeleteTable: { name: 'delete_table' },
  DescribeTable: { name: 'describe_table', fixed: { raw: true } },
  GetItem: { name: 'get_item' },
  PutItem: { name: 'put_item' },
  Query: { name: 'query' },
  TransactWriteItems: { name: 'transact_write_items' },
  UpdateItem: { name: 'update_item' },
  UpdateTimeToLive: { name: 'update_time_to_live' },
};

/**
 * Operations that need disk space; a store that accepts one of them has recovered. Creating a table first reports that
 * it exists.
 */
const WRITES: ReadonlySet<Operation> = new Set(['PutItem', 'TransactWriteItems', 'UpdateItem']);

/** The content of a tool's error response. */
interface ToolError {
  readonly error_type?: string;
  readonly message?: string;
}

/** The parts of an input needed to look up failed conditions. */
interface Conditional {
  readonly TableName?: string;
  readonly Key?: AttributeValues;
  readonly Item?: AttributeValues;
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly TransactItems?: readonly Readonly<Record<string, Conditional>>[];
}

/** A connection that also takes transactions in JSON. */
export interface JSONConnection extends Connection {
  /** Writes these items, which have no conditions, in one TransactWriteItems. Rejects like `send`. */
  transactJSON(items: readonly string[]): Promise<void>;
}

interface Waiting {
  readonly run: () => Promise<Answer>;
  readonly notAfter: number | undefined;
  readonly resolve: (answer: Answer | Promise<Answer>) => void;
  readonly reject: (error: CallFailure | TableError) => void;
}

export class PipedConnection implements JSONConnection {
  readonly bytes = BASE64;
  readonly #options: PipedConnectionOptions;
  readonly #waiting: Waiting[] = [];
  #process: ToolProcess | undefined;
  #inFlight = 0;

  constructor(options: PipedConnectionOptions = {}) {
    this.#options = options;
  }

  get fault(): string | undefined {
    return this.#options.fault?.current;
  }

  /** Directs calls to `process` from here on; unset: calls fail as if nothing were listening. */
  use(process: ToolProcess | undefined): void {
    this.#process = process;
  }

  send(operation: Operation, input: object, { notAfter }: SendOptions = {}): Promise<Answer> {
    return this.#whenFree(() => this.#run(operation, input), notAfter);
  }

  async transactJSON(items: readonly string[]): Promise<void> {
    await this.#whenFree(() =>
      this.#runTool('TransactWriteItems', `{"transact_items":[${items.join(',')}]}`, {}),
    );
  }

  #whenFree(run: () => Promise<Answer>, notAfter?: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, notAfter, resolve, reject });
      this.#next();
    });
  }

  close(): void {
    this.#process = undefined;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(callFailure('Closed', 'the connection was closed'));
    }
  }

  #next(): void {
    const now = this.#options.now ?? Date.now;
    while (this.#inFlight < MAX_CALLS) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      if (waiting.notAfter !== undefined && now() > waiting.notAfter) {
        waiting.reject(new TableError('TooLate', 'the revision is too old to write with'));
        continue;
      }
      this.#inFlight++;
      const answer = waiting.run();
      waiting.resolve(answer);
      const done = () => {
        this.#inFlight--;
        this.#next();
      };
      answer.then(done, done);
    }
  }

  async #run(operation: Operation, input: object): Promise<Answer> {
    if (!Object.hasOwn(TOOLS, operation)) throw callFailure('UnknownOperationException', operation, 400);
    const answer = await this.#runTool(operation, { ...toolInput(input), ...TOOLS[operation].fixed }, input);
    if (!Object.hasOwn(input, 'ReturnConsumedCapacity')) return answer;
    return { ...answer, ConsumedCapacity: { CapacityUnits: consumedCapacity(operation, input, answer) } };
  }

  /** `input`: where failed conditions are looked up. */
  async #runTool(operation: Operation, parameters: object | string, input: Conditional): Promise<Answer> {
    const { fault } = this.#options;
    const isWrite = WRITES.has(operation);
    const full = isWrite ? fault?.beforeWrite() : undefined;
    if (full !== undefined) throw callFailure(BROKEN, full, 500);
    const { isError, text } = await this.#call(TOOLS[operation].name, parameters);
    if (operation === 'DeleteTable') await this.#deleteSnapshots();
    if (isError) throw await this.#refusal(text, input);
    if (isWrite) fault?.written();
    return JSON.parse(text) as Answer;
  }

  /** The emulator snapshots all tables before one is deleted, but deleted data must be gone. */
  async #deleteSnapshots(): Promise<void> {
    const { text } = await this.#call('list_snapshots', {});
    const { snapshots = [] } = JSON.parse(text) as { snapshots?: readonly { readonly name: string }[] };
    for (const { name } of snapshots) await this.#call('delete_snapshot', { name });
  }

  async #call(name: string, parameters: object | string): Promise<ToolAnswer> {
    const process = this.#process;
    if (process === undefined) throw callFailure('ECONNREFUSED', 'the embedded DynamoDB is not running');
    const { requestTimeout = 5_000 } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(
          () => reject(callFailure('TimeoutError', `no response in ${requestTimeout} ms`)),
          requestTimeout,
        );
        process.call(name, parameters).then(resolve, reject);
      });
    } catch (error) {
      if ((error as Partial<CallFailure>).$metadata !== undefined) throw error;
      throw callFailure('Closed', (error as Error).message);
    } finally {
      clearTimeout(timer);
    }
  }

  async #refusal(text: string, input: Conditional): Promise<CallFailure> {
    const { error_type: type, message = '' } = toolError(text);
    const body = { __type: type, message };
    if (type === 'InternalServerError') {
      const meaning = this.#options.fault?.message(message);
      if (meaning !== undefined) return callFailure(BROKEN, meaning, 500);
    }
    if (type === 'ConditionalCheckFailedException') {
      return callRefusal(400, { ...body, Item: await this.#existingItem(input) });
    }
    if (type === 'TransactionCanceledException') {
      const codes = /\[([^\]]*)\]$/.exec(message)?.[1]?.split(', ') ?? [];
      const writes = (input.TransactItems ?? []).map((write) => Object.values(write)[0]!);
      const CancellationReasons = await Promise.all(
        codes.map(async (Code, at) => ({
          Code,
          Item: Code === 'ConditionalCheckFailed' ? await this.#existingItem(writes[at]!) : undefined,
        })),
      );
      return callRefusal(400, { ...body, CancellationReasons });
    }
    return callRefusal(type === 'InternalServerError' ? 500 : 400, body);
  }

  /**
   * The item on which a condition failed, read slightly later than DynamoDB would. It may be a newer item, or none, but
   * never one that satisfied the condition before.
   */
  async #existingItem(write: Conditional): Promise<AttributeValues | undefined> {
    if (write.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') return undefined;
    const { pk, sk } = (write.Key ?? write.Item)!;
    const { TableName } = write;
    const answer = await this.#run('GetItem', { TableName, Key: { pk, sk }, ConsistentRead: true });
    return answer.Item;
  }
}

/** An operation's input with the tools' names. Tools don't report consumed capacity. */
function toolInput(input: object): object {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (name !== 'ReturnConsumedCapacity') out[toolName(name)] = value;
  }
  return out;
}

function toolName(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
}

function toolError(text: string): ToolError {
  try {
    return JSON.parse(text) as ToolError;
  } catch {
    // Errors in the input itself are plain text.
    return { error_type: 'ValidationException', message: text };
  }
}

/** `DynamoDBTable` by calls of DynamoDB's API, over any connection. */

import { setTimeout as sleep } from 'node:timers/promises';
import { lowest } from '../../util/extremes.ts';
import { currentTurn, takeTurn } from '../../util/turns.ts';
import { type AttributeValues, marshall, unmarshall } from './attributes.ts';
import type { Answer, Connection, Operation, SendOptions } from './connection.ts';
import {
  type Allocation,
  type Attribute,
  type Claim,
  type Condition,
  type DynamoDBTable,
  FIRST_REVISION,
  type Item,
  type ItemKey,
  isTableError,
  type Page,
  type Query,
  type TransactedWrite,
  type TransactOptions,
  type Write,
} from './dynamodb-table.ts';
import type { PageLimits } from './page-limits.ts';
import { TABLE_PROPERTIES } from './table.ts';
import { tableError } from './table-errors.ts';

export interface ConnectedTableOptions {
  readonly tableName: string;
  /** Called with each response's consumed capacity, in request units; requesting it is free. */
  readonly onCapacity?: ((operation: string, units: number) => void) | undefined;
  /** Absent: DynamoDB limits pages. */
  readonly pageLimits?: PageLimits | undefined;
}

/** The condition expression of each condition. */
const CONDITIONS: { readonly [K in Condition['kind']]: string } = {
  absent: 'attribute_not_exists(pk)',
  revision: 'rv = :rv',
  absentOrDeadBefore: 'attribute_not_exists(pk) OR (del = :yes AND rv < :rv)',
  tombstone: 'del = :yes AND rv = :rv',
};

/** Names for attributes of the head that are reserved words of DynamoDB. */
const HEAD_NAMES = { '#next': 'next', '#from': 'from', '#at': 'at', '#format': 'format' };
const KNOWN_FORMAT = '(attribute_not_exists(#format) OR #format <= :format)';

/** Number of times, and interval, at which a new table's status is polled. */
const CREATION_POLLS = 60;
const CREATION_PAUSE_MS = 1_000;

export class ConnectedTable implements DynamoDBTable {
  readonly #connection: Connection;
  readonly #tableName: string;
  readonly #onCapacity: ConnectedTableOptions['onCapacity'];
  readonly #pageLimits: PageLimits | undefined;

  /** The table closes `connection`. */
  constructor(connection: Connection, { tableName, onCapacity, pageLimits }: ConnectedTableOptions) {
    this.#connection = connection;
    this.#tableName = tableName;
    this.#onCapacity = onCapacity;
    this.#pageLimits = pageLimits;
  }

  /** The same table over the same connection, which also reports its calls to `onCapacity`. Close this one only. */
  countedBy(onCapacity: NonNullable<ConnectedTableOptions['onCapacity']>): ConnectedTable {
    const both = (operation: string, units: number): void => {
      this.#onCapacity?.(operation, units);
      onCapacity(operation, units);
    };
    const [tableName, pageLimits] = [this.#tableName, this.#pageLimits];
    return new ConnectedTable(this.#connection, { tableName, pageLimits, onCapacity: both });
  }

  get fault(): string | undefined {
    return this.#connection.fault;
  }

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    const { Item } = await this.#call('get', 'GetItem', {
      TableName: this.#tableName,
      Key: this.#marshall(key),
      ConsistentRead: options.consistent,
    });
    return Item === undefined ? undefined : this.#unmarshall(Item);
  }

  async query({ pk, from, to, startAfter, consistent, descending, limit: most }: Query): Promise<Page> {
    const pageLimit = this.#pageLimits?.of(pk);
    const limit = lowest([pageLimit, most].flatMap((bound) => bound ?? []));
    const { Items = [], LastEvaluatedKey } = await this.#call('query', 'Query', {
      TableName: this.#tableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: this.#marshall({ ':pk': pk, ':from': from, ':to': to }),
      ConsistentRead: consistent,
      ScanIndexForward: descending !== true,
      ...(limit === Number.POSITIVE_INFINITY ? {} : { Limit: limit }),
      ...(startAfter === undefined ? {} : { ExclusiveStartKey: this.#marshall({ pk, sk: startAfter }) }),
    });
    const lastKey = LastEvaluatedKey?.['sk']?.S;
    const items = Items.map((item) => this.#unmarshall(item));
    if (limit === pageLimit) {
      this.#pageLimits?.learn(pk, limit, { items: items.length, isLast: lastKey === undefined });
    }
    return { items, lastKey };
  }

  async write(write: Write): Promise<void> {
    await this.#call('write', 'put' in write ? 'PutItem' : 'DeleteItem', this.#singleWrite(write));
  }

  async allocate({ pk, sk, count, at, format, grace, last }: Allocation): Promise<Item> {
    const quiet = 'before' in last;
    const former = quiet ? 'if_not_exists(#next, :first)' : '#next';
    const sets = [`#next = ${former} + :count`, `#from = ${former}`, '#at = :at', '#format = :format'];
    if (grace !== undefined) sets.push('grace = :grace', `graceTo = ${former} + :count`);
    if (quiet) sets.push(`resolved = ${former}`, 'resolvedAt = :at');
    const { Attributes } = await this.#call('allocate', 'UpdateItem', {
      TableName: this.#tableName,
      Key: this.#marshall({ pk, sk }),
      UpdateExpression: `SET ${sets.join(', ')}`,
      ConditionExpression: `(${quiet ? 'attribute_not_exists(pk) OR #at < :last' : '#at >= :last'}) AND ${KNOWN_FORMAT}`,
      ExpressionAttributeNames: HEAD_NAMES,
      ExpressionAttributeValues: this.#marshall({
        ':format': format,
        ':count': count,
        ':at': at,
        ':last': quiet ? last.before : last.since,
        ...(quiet ? { ':first': FIRST_REVISION } : {}),
        ...(grace === undefined ? {} : { ':grace': grace }),
      }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#unmarshall(Attributes!);
  }

  async raiseResolved(
    { pk, sk }: ItemKey,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    try {
      await this.#call('raiseResolved', 'UpdateItem', {
        TableName: this.#tableName,
        Key: this.#marshall({ pk, sk }),
        UpdateExpression: 'SET resolved = :resolved, resolvedAt = :resolvedAt',
        ConditionExpression: 'attribute_not_exists(resolved) OR resolved < :resolved',
        ExpressionAttributeValues: this.#marshall({
          ':resolved': to.resolved,
          ':resolvedAt': to.resolvedAt,
        }),
      });
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
  }

  /**
   * Atomically adds to numbers of an item, created if absent; returns the new item. Must not be retried if its outcome
   * is unknown.
   */
  async add(key: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item> {
    const names = Object.keys(amounts);
    const { Attributes } = await this.#call('add', 'UpdateItem', {
      TableName: this.#tableName,
      Key: this.#marshall(key),
      UpdateExpression: `ADD ${names.map((_, i) => `#n${i} :n${i}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#n${i}`, name])),
      ExpressionAttributeValues: this.#marshall(
        Object.fromEntries(names.map((name, i) => [`:n${i}`, amounts[name]!])),
      ),
      ReturnValues: 'ALL_NEW',
    });
    return this.#unmarshall(Attributes!);
  }

  async transact(writes: readonly TransactedWrite[], options: TransactOptions): Promise<void> {
    const TransactItems = writes.map((write) => {
      if ('claim' in write) return { Update: this.#claim(write.claim) };
      return 'put' in write ? { Put: this.#singleWrite(write) } : { Delete: this.#singleWrite(write) };
    });
    const claim = options.isProven ? writes.find((write) => 'claim' in write)?.claim : undefined;
    const sequence = claim && {
      name: itemName(this.#tableName, claim),
      from: claim.from,
      to: claim.from + claim.count,
    };
    await this.#call('transact', 'TransactWriteItems', { TransactItems }, { ...options, sequence });
  }

  /** Creates the table unless it exists, and waits until it is active. */
  async create(): Promise<void> {
    const { TimeToLiveSpecification, ...properties } = TABLE_PROPERTIES;
    const TableName = this.#tableName;
    if (await this.#unless('ResourceInUseException', 'create', 'CreateTable', { TableName, ...properties }))
      return;
    for (let poll = 0; poll < CREATION_POLLS; poll++) {
      const { Table } = await this.#send('create', 'DescribeTable', { TableName });
      if (Table?.TableStatus === 'ACTIVE') break;
      await sleep(CREATION_PAUSE_MS);
    }
    await this.#send('create', 'UpdateTimeToLive', { TableName, TimeToLiveSpecification });
  }

  /** Deletes the table, if it exists. */
  async remove(): Promise<void> {
    await this.#unless('ResourceNotFoundException', 'remove', 'DeleteTable', { TableName: this.#tableName });
  }

  close(): void {
    this.#connection.close();
  }

  #singleWrite(write: Write): object {
    return {
      TableName: this.#tableName,
      ...('put' in write ? { Item: this.#marshall(write.put) } : { Key: this.#marshall(write.delete) }),
      ...this.#condition(write.condition),
    };
  }

  #condition(condition: Condition | undefined): object {
    if (condition === undefined) return {};
    const values: Record<string, Attribute> = {};
    if ('rv' in condition) values[':rv'] = condition.rv;
    if (CONDITIONS[condition.kind].includes(':yes')) values[':yes'] = true;
    return {
      ConditionExpression: CONDITIONS[condition.kind],
      ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: this.#marshall(values) } : {}),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
  }

  #claim({ pk, sk, from, count, at, format, quiet, isUnlogged = false }: Claim): object {
    const sets = ['#next = :next', '#from = :from', '#at = :at', '#format = :format'];
    if (quiet) sets.push(`resolved = ${isUnlogged ? ':next' : ':from'}`, 'resolvedAt = :at');
    return {
      TableName: this.#tableName,
      Key: this.#marshall({ pk, sk }),
      UpdateExpression: `SET ${sets.join(', ')}`,
      ConditionExpression: 'attribute_not_exists(pk) OR #next = :from',
      ExpressionAttributeNames: HEAD_NAMES,
      ExpressionAttributeValues: this.#marshall({
        ':next': from + count,
        ':from': from,
        ':at': at,
        ':format': format,
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
  }

  #marshall(item: Readonly<Record<string, Attribute>> | ItemKey): AttributeValues {
    return marshall(item, this.#connection.bytes);
  }

  #unmarshall(values: AttributeValues): Item {
    return unmarshall(values, this.#connection.bytes);
  }

  /** Calls DynamoDB, and requests and reports consumed capacity if there is a listener. */
  async #call(purpose: string, operation: Operation, input: object, options?: SendOptions): Promise<Answer> {
    if (this.#onCapacity === undefined) return await this.#send(purpose, operation, input, options);
    const asked = { ...input, ReturnConsumedCapacity: 'TOTAL' };
    const answer = await this.#send(purpose, operation, asked, options);
    this.#onCapacity(purpose, consumedUnits(answer));
    return answer;
  }

  async #send(purpose: string, operation: Operation, input: object, options?: SendOptions): Promise<Answer> {
    const turn = currentTurn();
    try {
      return await this.#connection.send(operation, input, options);
    } catch (error) {
      const { bytes } = this.#connection;
      throw tableError(error, { operation: purpose, tableName: this.#tableName, bytes });
    } finally {
      takeTurn(turn);
    }
  }

  /** Whether the call had no effect because of `exception`. */
  async #unless(exception: string, purpose: string, operation: Operation, input: object): Promise<boolean> {
    try {
      await this.#send(purpose, operation, input);
      return false;
    } catch (error) {
      if (isTableError(error) && (error.cause as Error | undefined)?.name === exception) return true;
      throw error;
    }
  }
}

/** Identifies an item among all tables of a connection. */
export function itemName(tableName: string, { pk, sk }: ItemKey): string {
  return `${tableName}\0${pk}\0${sk}`;
}

function consumedUnits({ ConsumedCapacity: consumed = [] }: Answer): number {
  const list = Array.isArray(consumed) ? consumed : [consumed];
  return list.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);
}

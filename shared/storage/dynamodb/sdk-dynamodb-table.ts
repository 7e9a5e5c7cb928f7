/** `DynamoDBTable` over the AWS SDK. */

import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
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
  TableError,
  type TransactedWrite,
  type Write,
} from './dynamodb-table.ts';
import { marshall, unmarshall } from './sdk-attributes.ts';
import { tableError } from './sdk-errors.ts';
import { TABLE_PROPERTIES } from './table.ts';

export interface SDKDynamoDBTableOptions {
  readonly tableName: string;
  /** Where DynamoDB is; unset: AWS, or `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: DynamoDBClientConfig['credentials'];
  /** Milliseconds after which an unanswered request counts as lost. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds since the epoch, by the clock that the log goes by. */
  readonly now?: (() => number) | undefined;
  /** Called with each answer's consumed capacity, in request units; asking for it is free. */
  readonly onCapacity?: ((operation: string, units: number) => void) | undefined;
}

/** Each condition as DynamoDB reads it. */
const CONDITIONS: { readonly [K in Condition['kind']]: string } = {
  absent: 'attribute_not_exists(pk)',
  revision: 'rv = :rv',
  absentOrDeadBefore: 'attribute_not_exists(pk) OR (del = :yes AND rv < :rv)',
  tombstone: 'del = :yes AND rv = :rv',
};

/** An emulator wants to be told who calls, and believes everybody. */
const ANONYMOUS = { accessKeyId: 'local', secretAccessKey: 'local' };
const UNSIGNED: NonNullable<DynamoDBClientConfig['httpAuthSchemes']>[number] = {
  schemeId: 'aws.auth#sigv4',
  identityProvider: (config) => config.getIdentityProvider('aws.auth#sigv4'),
  signer: {
    async sign(request) {
      request.headers['authorization'] =
        'AWS4-HMAC-SHA256 Credential=local/20000101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
      request.headers['x-amz-date'] = '20000101T000000Z';
      return request;
    },
  },
};

export class SDKDynamoDBTable implements DynamoDBTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #now: () => number;
  readonly #onCapacity: SDKDynamoDBTableOptions['onCapacity'];

  constructor(options: SDKDynamoDBTableOptions) {
    this.#tableName = options.tableName;
    this.#now = options.now ?? Date.now;
    this.#onCapacity = options.onCapacity;
    const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL_DYNAMODB'];
    // An emulator asks for neither; the SDK does.
    const local = endpoint !== undefined && !endpoint.includes('.amazonaws.com');
    const region = options.region ?? process.env['AWS_REGION'] ?? (local ? 'us-east-1' : undefined);
    const anonymous =
      local && options.credentials === undefined && process.env['AWS_ACCESS_KEY_ID'] === undefined;
    const credentials = anonymous ? ANONYMOUS : options.credentials;
    this.#client = new DynamoDBClient({
      // Retries are the log's own: it alone knows what a lost answer means for the write at hand.
      maxAttempts: 1,
      requestHandler: {
        requestTimeout: options.requestTimeout ?? 5_000,
        connectionTimeout: 2_000,
        throwOnRequestTimeout: true,
      },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(anonymous ? { httpAuthSchemes: [UNSIGNED] } : {}),
    });
    // It looks through every answer for what must not be logged, also where nothing is.
    this.#client.middlewareStack.remove('loggerMiddleware');
  }

  async get(key: ItemKey, options: { readonly consistent: boolean }): Promise<Item | undefined> {
    const answer = await this.#call('get', () =>
      this.#client.send(
        new GetItemCommand({
          TableName: this.#tableName,
          Key: marshall(key),
          ConsistentRead: options.consistent,
          ...this.#capacity(),
        }),
      ),
    );
    return answer.Item === undefined ? undefined : unmarshall(answer.Item);
  }

  async query(query: Query): Promise<Page> {
    const answer = await this.#call('query', () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#tableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: marshall({ ':pk': query.pk, ':from': query.from, ':to': query.to }),
          ConsistentRead: query.consistent,
          ScanIndexForward: query.descending !== true,
          ExclusiveStartKey:
            query.startAfter === undefined ? undefined : marshall({ pk: query.pk, sk: query.startAfter }),
          ...this.#capacity(),
        }),
      ),
    );
    return { items: (answer.Items ?? []).map(unmarshall), lastKey: answer.LastEvaluatedKey?.['sk']?.S };
  }

  async write(write: Write): Promise<void> {
    const condition = conditionExpression(write.condition);
    await this.#call('write', () =>
      'put' in write
        ? this.#client.send(
            new PutItemCommand({
              TableName: this.#tableName,
              Item: marshall(write.put),
              ...condition,
              ...this.#capacity(),
            }),
          )
        : this.#client.send(
            new DeleteItemCommand({
              TableName: this.#tableName,
              Key: marshall(write.delete),
              ...condition,
              ...this.#capacity(),
            }),
          ),
    );
  }

  async allocate({ pk, count, at, grace, last }: Allocation): Promise<Item> {
    const quiet = 'before' in last;
    const former = quiet ? 'if_not_exists(#next, :first)' : '#next';
    const sets = [`#next = ${former} + :count`, `#from = ${former}`, '#at = :at'];
    if (grace !== undefined) sets.push('grace = :grace', `graceTo = ${former} + :count`);
    if (quiet) sets.push(`resolved = ${former}`, 'resolvedAt = :at');
    const answer = await this.#call('allocate', () =>
      this.#client.send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: marshall({ pk, sk: '-' }),
          UpdateExpression: `SET ${sets.join(', ')}`,
          ConditionExpression: quiet ? 'attribute_not_exists(pk) OR #at < :last' : '#at >= :last',
          ExpressionAttributeNames: { '#next': 'next', '#from': 'from', '#at': 'at' },
          ExpressionAttributeValues: marshall({
            ':count': count,
            ':at': at,
            ':last': quiet ? last.before : last.since,
            ...(quiet ? { ':first': FIRST_REVISION } : {}),
            ...(grace === undefined ? {} : { ':grace': grace }),
          }),
          ReturnValues: 'ALL_NEW',
          ...this.#capacity(),
        }),
      ),
    );
    return unmarshall(answer.Attributes!);
  }

  async raiseResolved(
    pk: string,
    to: { readonly resolved: number; readonly resolvedAt: number },
  ): Promise<void> {
    try {
      await this.#call('raiseResolved', () =>
        this.#client.send(
          new UpdateItemCommand({
            TableName: this.#tableName,
            Key: marshall({ pk, sk: '-' }),
            UpdateExpression: 'SET resolved = :resolved, resolvedAt = :resolvedAt',
            ConditionExpression: 'attribute_not_exists(resolved) OR resolved < :resolved',
            ExpressionAttributeValues: marshall({ ':resolved': to.resolved, ':resolvedAt': to.resolvedAt }),
            ...this.#capacity(),
          }),
        ),
      );
    } catch (error) {
      if (!isTableError(error, 'ConditionFailed')) throw error;
    }
  }

  async transact(writes: readonly TransactedWrite[], options: { readonly notAfter: number }): Promise<void> {
    const command = new TransactWriteItemsCommand({
      TransactItems: writes.map((write): TransactWriteItem => {
        if ('claim' in write)
          return { Update: { TableName: this.#tableName, ...claimExpression(write.claim) } };
        const condition = { TableName: this.#tableName, ...conditionExpression(write.condition) };
        return 'put' in write
          ? { Put: { Item: marshall(write.put), ...condition } }
          : { Delete: { Key: marshall(write.delete), ...condition } };
      }),
      ...this.#capacity(),
    });
    // Checked after signing: DynamoDB refuses a signature of more than minutes of age, so a process that was frozen
    // between this line and the socket cannot write with a revision of hours ago.
    command.middlewareStack.add(
      (next) => async (args) => {
        if (this.#now() > options.notAfter)
          throw new TableError('TooLate', 'the revision is too old to write with');
        return await next(args);
      },
      { step: 'deserialize', priority: 'low', name: 'notAfter' },
    );
    await this.#call('transact', () => this.#client.send(command));
  }

  /** Creates the table unless it exists, and waits until it is there. */
  async create(): Promise<void> {
    const { TimeToLiveSpecification, ...properties } = TABLE_PROPERTIES;
    const TableName = this.#tableName;
    try {
      await this.#client.send(
        new CreateTableCommand({
          TableName,
          ...properties,
          AttributeDefinitions: [...properties.AttributeDefinitions],
          KeySchema: [...properties.KeySchema],
        }),
      );
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceInUseException') return;
      throw tableError('create', TableName, error);
    }
    try {
      await waitUntilTableExists({ client: this.#client, maxWaitTime: 60, minDelay: 1 }, { TableName });
      await this.#client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    } catch (error) {
      throw tableError('create', TableName, error);
    }
  }

  /** Deletes the table, unless it is gone. */
  async remove(): Promise<void> {
    const TableName = this.#tableName;
    try {
      await this.#client.send(new DeleteTableCommand({ TableName }));
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return;
      throw tableError('remove', TableName, error);
    }
  }

  close(): void {
    this.#client.destroy();
  }

  #capacity(): { ReturnConsumedCapacity?: 'TOTAL' } {
    return this.#onCapacity === undefined ? {} : { ReturnConsumedCapacity: 'TOTAL' };
  }

  async #call<R>(operation: string, send: () => Promise<R>): Promise<R> {
    try {
      const answer = await send();
      if (this.#onCapacity !== undefined) this.#onCapacity(operation, consumedUnits(answer));
      return answer;
    } catch (error) {
      throw tableError(operation, this.#tableName, error);
    }
  }
}

function consumedUnits(answer: unknown): number {
  const consumed = (
    answer as { ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[] }
  ).ConsumedCapacity;
  const list = consumed === undefined ? [] : Array.isArray(consumed) ? consumed : [consumed];
  return list.reduce((sum, { CapacityUnits }) => sum + (CapacityUnits ?? 0), 0);
}

function conditionExpression(condition: Condition | undefined) {
  if (condition === undefined) return {};
  const values: Record<string, Attribute> = {};
  if ('rv' in condition) values[':rv'] = condition.rv;
  if (CONDITIONS[condition.kind].includes(':yes')) values[':yes'] = true;
  return {
    ConditionExpression: CONDITIONS[condition.kind],
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: marshall(values) } : {}),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

function claimExpression({ pk, from, count, at, quiet }: Claim) {
  const sets = ['#next = :next', '#from = :from', '#at = :at'];
  if (quiet) sets.push('resolved = :from', 'resolvedAt = :at');
  return {
    Key: marshall({ pk, sk: '-' }),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: 'attribute_not_exists(pk) OR #next = :from',
    ExpressionAttributeNames: { '#next': 'next', '#from': 'from', '#at': 'at' },
    ExpressionAttributeValues: marshall({ ':next': from + count, ':from': from, ':at': at }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

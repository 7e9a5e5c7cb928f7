/** `DynamoDBTable` over the AWS SDK. */

import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { ConnectedTable, type ConnectedTableOptions } from './connected-table.ts';
import {
  ANONYMOUS_HEADERS,
  type Answer,
  type Connection,
  type Operation,
  REQUEST_TIMEOUT_MS,
  type SendOptions,
} from './connection.ts';
import { TableError } from './dynamodb-table.ts';

export interface SDKDynamoDBTableOptions extends ConnectedTableOptions {
  /** Endpoint of DynamoDB; unset: AWS, or `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: DynamoDBClientConfig['credentials'] | undefined;
  readonly requestTimeout?: number | undefined;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
}

export class SDKDynamoDBTable extends ConnectedTable {
  constructor(options: SDKDynamoDBTableOptions) {
    super(new SDKConnection(options), options);
  }
}

const COMMANDS = {
  CreateTable: CreateTableCommand,
  DeleteItem: DeleteItemCommand,
  DeleteTable: DeleteTableCommand,
  DescribeTable: DescribeTableCommand,
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  Query: QueryCommand,
  TransactWriteItems: TransactWriteItemsCommand,
  UpdateItem: UpdateItemCommand,
  UpdateTimeToLive: UpdateTimeToLiveCommand,
} as const satisfies Record<Operation, unknown>;

/** The commands' types have nothing else in common. */
type AnyCommand = new (input: never) => GetItemCommand;

/** Credentials for an emulator. */
const ANONYMOUS = { accessKeyId: 'local', secretAccessKey: 'local' };
const UNSIGNED: NonNullable<DynamoDBClientConfig['httpAuthSchemes']>[number] = {
  schemeId: 'aws.auth#sigv4',
  identityProvider: (config) => config.getIdentityProvider('aws.auth#sigv4'),
  signer: {
    async sign(request) {
      Object.assign(request.headers, ANONYMOUS_HEADERS);
      return request;
    },
  },
};

class SDKConnection implements Connection {
  readonly bytes = {
    encode: (bytes: Uint8Array) => bytes,
    decode: (value: unknown) => value as Uint8Array,
  };
  readonly #client: DynamoDBClient;
  readonly #now: () => number;

  constructor(options: SDKDynamoDBTableOptions) {
    this.#now = options.now ?? Date.now;
    const { endpoint } = options;
    // An emulator needs neither region nor credentials, but the SDK requires them.
    const local = endpoint !== undefined && !endpoint.includes('.amazonaws.com');
    const region = options.region ?? (local ? 'us-east-1' : undefined);
    const anonymous = local && options.credentials === undefined;
    const credentials = anonymous ? ANONYMOUS : options.credentials;
    this.#client = new DynamoDBClient({
      maxAttempts: 1,
      requestHandler: {
        requestTimeout: options.requestTimeout ?? REQUEST_TIMEOUT_MS,
        connectionTimeout: 2_000,
        throwOnRequestTimeout: true,
      },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(anonymous ? { httpAuthSchemes: [UNSIGNED] } : {}),
    });
    // It processes every response to redact it for logging, even without a logger.
    this.#client.middlewareStack.remove('loggerMiddleware');
  }

  send(operation: Operation, input: object, { notAfter }: SendOptions = {}): Promise<Answer> {
    const command = new (COMMANDS[operation] as unknown as AnyCommand)(input as never);
    if (notAfter !== undefined) this.#bound(command, notAfter);
    return this.#client.send(command) as Promise<Answer>;
  }

  close(): void {
    this.#client.destroy();
  }

  /**
   * Checked after signing: DynamoDB refuses signatures older than minutes, so a process that was frozen between the
   * check and the socket can't write with a revision that is hours old.
   */
  #bound(command: GetItemCommand, notAfter: number): void {
    command.middlewareStack.add(
      (next) => async (args) => {
        if (this.#now() > notAfter) throw new TableError('TooLate', 'the revision is too old to write with');
        return await next(args);
      },
      { step: 'deserialize', priority: 'low', name: 'notAfter' },
    );
  }
}

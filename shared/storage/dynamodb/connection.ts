/** A connection to DynamoDB: calls of its API as documented, one response each. */

import type { AttributeValues, BytesCodec } from './attributes.ts';

export type Operation =
  | 'CreateTable'
  | 'DeleteItem'
  | 'DeleteTable'
  | 'DescribeTable'
  | 'GetItem'
  | 'PutItem'
  | 'Query'
  | 'TransactWriteItems'
  | 'UpdateItem'
  | 'UpdateTimeToLive';

/** Default number of milliseconds after which a request without a response counts as lost. */
export const REQUEST_TIMEOUT_MS = 5_000;

export interface SendOptions {
  /** Milliseconds since the epoch, by the log's clock; past it, rejects with TooLate before anything is sent. */
  readonly notAfter?: number | undefined;
  /** Only for transactions. */
  readonly sequence?: Sequence | undefined;
}

/**
 * A transaction's place in a sequence: all its conditions hold if the previous transaction of the sequence ended at
 * `from`. For the only writer of a table.
 */
export interface Sequence {
  /** Unique among the connection's tables. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The fields of responses that the table reads. */
export interface Answer {
  readonly Item?: AttributeValues | undefined;
  readonly Items?: readonly AttributeValues[] | undefined;
  readonly LastEvaluatedKey?: AttributeValues | undefined;
  readonly Attributes?: AttributeValues | undefined;
  readonly Table?: { readonly TableStatus?: string | undefined } | undefined;
  readonly ConsumedCapacity?: Capacity | readonly Capacity[] | undefined;
}

interface Capacity {
  readonly CapacityUnits?: number | undefined;
}

/** The fields of a failure, in the form the SDK throws. */
export interface CallFailure {
  /** The exception's name, without its namespace. */
  readonly name: string;
  readonly message: string;
  /** Code of a system error. */
  readonly code?: string | undefined;
  /** Unset: the request was not sent. */
  readonly $metadata?: { readonly httpStatusCode?: number | undefined } | undefined;
  readonly Item?: AttributeValues | undefined;
  readonly CancellationReasons?:
    | readonly { readonly Code?: string | undefined; readonly Item?: AttributeValues | undefined }[]
    | undefined;
}

export interface Connection {
  readonly bytes: BytesCodec;
  /** A known fault of the store itself, in words for clients. */
  readonly fault?: string | undefined;
  /**
   * Never retries: only the log can tell the outcome when a response is lost. Rejects with `CallFailure` or TableError.
   */
  send(operation: Operation, input: object, options?: SendOptions): Promise<Answer>;
  close(): void;
}

/** Headers that an emulator requires of callers; it accepts any credentials. */
export const ANONYMOUS_HEADERS = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20000101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20000101T000000Z',
} as const;

/** A way to DynamoDB: calls of its API as they are documented, one answer each. */

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

/** Milliseconds after which an unanswered request counts as lost, unless it is said. */
export const REQUEST_TIMEOUT_MS = 5_000;

export interface SendOptions {
  /** Milliseconds since the epoch, by the log's clock; past it, rejects with TooLate before anything is sent. */
  readonly notAfter?: number | undefined;
}

/** What the table reads of answers. */
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

/** What is read of a failure, as the SDK throws it. */
export interface CallFailure {
  /** The exception's name, without its namespace. */
  readonly name: string;
  readonly message: string;
  /** Of a system error. */
  readonly code?: string | undefined;
  /** Unset: the call never came to be sent. */
  readonly $metadata?: { readonly httpStatusCode?: number | undefined } | undefined;
  readonly Item?: AttributeValues | undefined;
  readonly CancellationReasons?:
    | readonly { readonly Code?: string | undefined; readonly Item?: AttributeValues | undefined }[]
    | undefined;
}

export interface Connection {
  readonly bytes: BytesCodec;
  /** What the store itself is known to suffer from, in words for clients. */
  readonly trouble?: string | undefined;
  /** Never tries twice: the log alone knows what a lost answer means. Rejects with `CallFailure` or TableError. */
  send(operation: Operation, input: object, options?: SendOptions): Promise<Answer>;
  close(): void;
}

/** What an emulator wants to hear of who calls; it believes everybody. */
export const ANONYMOUS_HEADERS = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20000101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20000101T000000Z',
} as const;

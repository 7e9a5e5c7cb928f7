/** Maps failures of DynamoDB's API to the log's errors. */

import { type AttributeValues, type BytesCodec, unmarshall } from './attributes.ts';
import type { CallFailure } from './connection.ts';
import {
  BROKEN,
  type CancellationReason,
  type Item,
  TableError,
  type TableErrorKind,
} from './dynamodb-table.ts';

/** Kind of error by exception name; others are classified by status code and system error. */
const ERROR_KINDS: Readonly<Record<string, TableErrorKind>> = {
  ConditionalCheckFailedException: 'ConditionFailed',
  TransactionCanceledException: 'Canceled',
  TransactionConflictException: 'Conflict',
  // A request with the same token is in progress: its outcome shows only later.
  TransactionInProgressException: 'Ambiguous',
  ProvisionedThroughputExceededException: 'Throttled',
  RequestLimitExceeded: 'Throttled',
  ThrottlingException: 'Throttled',
  LimitExceededException: 'Throttled',
  ItemCollectionSizeLimitExceededException: 'TooLarge',
  [BROKEN]: 'Broken',
  ResourceNotFoundException: 'Refused',
  AccessDeniedException: 'Refused',
  CredentialsProviderError: 'Refused',
  ExpiredTokenException: 'Refused',
  IncompleteSignatureException: 'Refused',
  InvalidSignatureException: 'Refused',
  MissingAuthenticationTokenException: 'Refused',
  UnrecognizedClientException: 'Refused',
  ENOTFOUND: 'Unreachable',
  ECONNREFUSED: 'Unreachable',
  EHOSTUNREACH: 'Unreachable',
  ENETUNREACH: 'Unreachable',
};

const REASON_KINDS: Readonly<Record<string, CancellationReason['kind']>> = {
  None: 'None',
  ConditionalCheckFailed: 'ConditionFailed',
  TransactionConflict: 'Conflict',
  ProvisionedThroughputExceeded: 'Throttled',
  ThrottlingError: 'Throttled',
  ItemCollectionSizeLimitExceeded: 'TooLarge',
};

/** Converts any exception of AWS, which is kept in `cause`. */
export function tableError(
  error: unknown,
  { operation, tableName, bytes }: { operation: string; tableName: string; bytes: BytesCodec },
): TableError {
  if (error instanceof TableError) return error;
  const { name, code, message, $metadata, Item, CancellationReasons } = error as CallFailure;
  const status = $metadata?.httpStatusCode;
  let kind = ERROR_KINDS[name] ?? ERROR_KINDS[code ?? ''];
  if (kind === undefined && name === 'ValidationException') {
    kind = /exceed|size/i.test(message) ? 'TooLarge' : 'Refused';
  }
  // A 4xx response, or none because nothing was sent: no effect. Others may have taken effect.
  kind ??=
    (status !== undefined && status >= 400 && status < 500) || $metadata === undefined
      ? 'Refused'
      : 'Ambiguous';
  const itemOf = (values: AttributeValues | undefined): Item | undefined =>
    values === undefined ? undefined : unmarshall(values, bytes);
  const place = `DynamoDB ${operation}, table ${tableName}: ${name}: `;
  return new TableError(kind, kind === 'Broken' ? message : `${place}${message}`, {
    item: itemOf(Item),
    reasons: CancellationReasons?.map((reason) => ({
      kind: REASON_KINDS[reason.Code ?? 'None'] ?? 'Other',
      item: itemOf(reason.Item),
    })),
    cause: error,
  });
}

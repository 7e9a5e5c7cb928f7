/** What the SDK throws, told in the log's words. */

import type { AttributeValue, CancellationReason as SDKCancellationReason } from '@aws-sdk/client-dynamodb';
import { type CancellationReason, TableError, type TableErrorKind } from './dynamodb-table.ts';
import { unmarshall } from './sdk-attributes.ts';

/** How each exception, by name, is answered; what isn't here goes by its status code and system error. */
const ERROR_KINDS: Readonly<Record<string, TableErrorKind>> = {
  ConditionalCheckFailedException: 'ConditionFailed',
  TransactionCanceledException: 'Canceled',
  TransactionConflictException: 'Conflict',
  // The same token is under way: whether it took effect shows only later.
  TransactionInProgressException: 'Ambiguous',
  ProvisionedThroughputExceededException: 'Throttled',
  RequestLimitExceeded: 'Throttled',
  ThrottlingException: 'Throttled',
  LimitExceededException: 'Throttled',
  ItemCollectionSizeLimitExceededException: 'TooLarge',
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

/** Never lets an exception of AWS's through; `cause` keeps it. */
export function tableError(operation: string, tableName: string, error: unknown): TableError {
  if (error instanceof TableError) return error;
  const { name, code, message, $metadata } = error as Error & {
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  let kind = ERROR_KINDS[name] ?? ERROR_KINDS[code ?? ''];
  if (kind === undefined && name === 'ValidationException') {
    kind = /exceed|size/i.test(message) ? 'TooLarge' : 'Refused';
  }
  // A 4xx answer, or none because the SDK never sent: no effect. The rest may have taken effect.
  kind ??=
    (status !== undefined && status >= 400 && status < 500) || $metadata === undefined
      ? 'Refused'
      : 'Ambiguous';
  const { Item, CancellationReasons } = error as {
    Item?: Record<string, AttributeValue>;
    CancellationReasons?: SDKCancellationReason[];
  };
  return new TableError(kind, `DynamoDB ${operation}, table ${tableName}: ${name}: ${message}`, {
    item: Item === undefined ? undefined : unmarshall(Item),
    reasons: CancellationReasons?.map((reason) => ({
      kind: REASON_KINDS[reason.Code ?? 'None'] ?? 'Other',
      item: reason.Item === undefined ? undefined : unmarshall(reason.Item),
    })),
    cause: error,
  });
}

/** Tables of a DynamoDB on this machine. */

import { tableCaller } from '../../../functions/adapter/table-place.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import type { TableUsageCounter } from '../../../shared/storage/table-usage.ts';

/** Opens a table that may not exist yet; whoever opens it closes it. `usage` counts what it is asked. */
export type OpenTable = (tableName: string, usage?: TableUsageCounter) => ConnectedTable;

/** Of whatever DynamoDB `endpoint` names, by the SDK, which the local server loads for nothing else. */
export async function sdkTableOpener(endpoint: string): Promise<OpenTable> {
  const { SDKDynamoDBTable } = await import('../../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
  return (tableName, usage) =>
    new SDKDynamoDBTable({ endpoint, tableName, onCapacity: usage?.add, ...tableCaller(process.env) });
}

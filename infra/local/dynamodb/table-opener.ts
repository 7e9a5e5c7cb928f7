/** Tables of a DynamoDB on this machine. */

import { tableCaller } from '../../../functions/adapter/table-place.ts';
import type { ConnectedTable } from '../../../shared/storage/dynamodb/connected-table.ts';
import type { TableUsageCounter } from '../../../shared/storage/table-usage.ts';

/** Opens a table that may not exist yet; the caller closes it. `usage` counts its calls. */
export type OpenTable = (tableName: string, usage?: TableUsageCounter) => ConnectedTable;

/** For any DynamoDB at `endpoint`, by the SDK, which the local server loads only for this. */
export async function sdkTableOpener(endpoint: string): Promise<OpenTable> {
  const { SDKDynamoDBTable } = await import('../../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
  return (tableName, usage) =>
    new SDKDynamoDBTable({ endpoint, tableName, onCapacity: usage?.add, ...tableCaller(process.env) });
}

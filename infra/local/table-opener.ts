/** Tables of a DynamoDB on this machine. */

import { tableCaller } from '../../functions/adapter/table-place.ts';
import type { ConnectedTable } from '../../shared/storage/dynamodb/connected-table.ts';
import { WireDynamoDBTable } from '../../shared/storage/dynamodb/wire-dynamodb-table.ts';
import type { TableUsageCounter } from '../../shared/storage/table-usage.ts';

/** Opens a table that may not exist yet; whoever opens it closes it. */
export type OpenTable = (tableName: string) => ConnectedTable;

/** `usage` counts what they are asked. The embedded emulator is spoken to directly; whatever else `AWS_ENDPOINT_URL_DYNAMODB` names, by the SDK. */
export async function tableOpener(
  endpoint: string,
  isEmbedded: boolean,
  usage?: TableUsageCounter,
): Promise<OpenTable> {
  const onCapacity = usage?.add;
  if (isEmbedded) return (tableName) => new WireDynamoDBTable({ endpoint, tableName, onCapacity });
  const { SDKDynamoDBTable } = await import('../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
  return (tableName) =>
    new SDKDynamoDBTable({ endpoint, tableName, onCapacity, ...tableCaller(process.env) });
}

/** Tables of a DynamoDB on this machine. */

import { tableCaller } from '../../functions/adapter/table-place.ts';
import type { ConnectedTable } from '../../shared/storage/dynamodb/connected-table.ts';
import { WireDynamoDBTable } from '../../shared/storage/dynamodb/wire-dynamodb-table.ts';

/** Opens a table that may not exist yet; whoever opens it closes it. */
export type OpenTable = (tableName: string) => ConnectedTable;

/** The embedded emulator is spoken to directly; whatever else `AWS_ENDPOINT_URL_DYNAMODB` names, by the SDK. */
export async function tableOpener(endpoint: string, isEmbedded: boolean): Promise<OpenTable> {
  if (isEmbedded) return (tableName) => new WireDynamoDBTable({ endpoint, tableName });
  const { SDKDynamoDBTable } = await import('../../shared/storage/dynamodb/sdk-dynamodb-table.ts');
  return (tableName) => new SDKDynamoDBTable({ endpoint, tableName, ...tableCaller(process.env) });
}

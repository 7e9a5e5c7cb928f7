/** Restores tables as of a moment with DynamoDB's point-in-time recovery. */

import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { tablePlace } from '../../../functions/adapter/table-place.ts';

export type SDK = typeof import('@aws-sdk/client-dynamodb');

export interface RecoveryOptions {
  readonly source: string;
  /** Prefix of the new table's name; the moment follows. */
  readonly prefix: string;
  /** `latest`, or a time in RFC 3339. */
  readonly pointInTime: string;
  readonly region?: string | undefined;
}

export interface RecoveredTable {
  readonly sdk: SDK;
  readonly client: DynamoDBClient;
  /** The source. */
  readonly before: TableDescription;
  readonly table: string;
  readonly time: Date;
}

/** Maximum seconds that DynamoDB may take to restore. */
const RESTORE_SECONDS = 24 * 3600;
/** Maximum seconds between two polls. */
const LOOK_SECONDS = 20;

/**
 * Resolves with the result of `use` for the restored table, which is a new one, and is kept. A table restored by an
 * earlier run is reused. Throws Error with the reason if it can't restore.
 */
export async function recoverTable<T>(
  { source, prefix, pointInTime, region }: RecoveryOptions,
  use: (recovered: RecoveredTable) => Promise<T>,
): Promise<T> {
  const sdk = await import('@aws-sdk/client-dynamodb');
  const client = new sdk.DynamoDBClient({
    ...tablePlace(process.env),
    ...(region !== undefined && { region }),
  });
  try {
    const before = await describeTable(sdk, client, source);
    if (before === undefined) throw new Error(`there is no table ${source}`);
    const time = await timeOf(sdk, client, source, pointInTime);
    const table = `${prefix}-${time.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    if ((await describeTable(sdk, client, table)) === undefined) {
      await client.send(
        new sdk.RestoreTableToPointInTimeCommand({
          SourceTableName: source,
          TargetTableName: table,
          RestoreDateTime: time,
        }),
      );
    }
    await settled(sdk, client, table);
    return await use({ sdk, client, before, table, time });
  } finally {
    client.destroy();
  }
}

export async function describeTable(
  sdk: SDK,
  client: DynamoDBClient,
  TableName: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new sdk.DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof sdk.ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Throws Error for a time to which the table can't be restored. */
async function timeOf(sdk: SDK, client: DynamoDBClient, TableName: string, text: string): Promise<Date> {
  const { ContinuousBackupsDescription: backups } = await client.send(
    new sdk.DescribeContinuousBackupsCommand({ TableName }),
  );
  const recovery = backups?.PointInTimeRecoveryDescription;
  if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED') {
    throw new Error(`point-in-time recovery of ${TableName} is off: restore a backup`);
  }
  const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } = recovery;
  const asked = text === 'latest' ? latest : new Date(text);
  if (asked === undefined || Number.isNaN(asked.getTime())) {
    throw new Error(`--point-in-time ${text}: must be latest, or a time such as 2026-11-29T10:00:00Z`);
  }
  // DynamoDB accepts whole seconds.
  const time = wholeSecond(asked);
  if ((earliest !== undefined && time < wholeSecond(earliest)) || (latest !== undefined && time > latest)) {
    throw new Error(
      `${TableName} can be restored to a time from ${earliest?.toISOString()} to ${latest?.toISOString()}`,
    );
  }
  return time;
}

const wholeSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

export async function settled(sdk: SDK, client: DynamoDBClient, TableName: string): Promise<void> {
  const wait = { client, maxWaitTime: RESTORE_SECONDS, minDelay: 1, maxDelay: LOOK_SECONDS };
  await sdk.waitUntilTableExists(wait, { TableName });
}

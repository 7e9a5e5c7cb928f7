/** `zeroplane restore --point-in-time`: a stack's table as it stood, beside the one that there is, for the stack to take. */

import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { tablePlace } from '../../functions/adapter/table-place.ts';
import { storageOf, storedResources } from '../../shared/backup/stored-resources.ts';
import { FIRST_REVISION } from '../../shared/storage/dynamodb/dynamodb-table.ts';
import { openTenantStore, type TenantStoreOptions } from './tenant-store.ts';

export interface PointInTimeOptions extends TenantStoreOptions {
  /** `latest`, or a time in RFC 3339. */
  readonly pointInTime: string;
}

type SDK = typeof import('@aws-sdk/client-dynamodb');

/** Seconds that DynamoDB may take to restore. */
const RESTORE_SECONDS = 24 * 3600;
/** Seconds between two looks, at most. */
const LOOK_SECONDS = 20;
/** Writes that the old table may still take until the stack has the new one: its revisions go on beyond them. */
const HEADROOM = 100_000_000;

/** May be interrupted and run again with the same time. Returns what to tell the user; throws Error that says why it can't. */
export async function restorePointInTime(options: PointInTimeOptions): Promise<string> {
  const { tenant, region, dataDir, fleet, table: source = `zeroplane-${tenant}` } = options;
  if (dataDir !== undefined || fleet !== undefined) {
    throw new Error("--point-in-time is for the table of a tenant's stack: restore a backup with --input");
  }
  const sdk = await import('@aws-sdk/client-dynamodb');
  const client = new sdk.DynamoDBClient({
    ...tablePlace(process.env),
    ...(region !== undefined && { region }),
  });
  try {
    const before = await describe(sdk, client, source);
    if (before === undefined) throw new Error(`there is no table ${source}`);
    const time = await timeOf(sdk, client, source, options.pointInTime);
    const target = `zeroplane-${tenant}-${time.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    if ((await describe(sdk, client, target)) === undefined) {
      await client.send(
        new sdk.RestoreTableToPointInTimeCommand({
          SourceTableName: source,
          TargetTableName: target,
          RestoreDateTime: time,
        }),
      );
    }
    await settled(sdk, client, target);
    const stream = await equip(sdk, client, before, target);
    const forwarded = await forward(options, source, target);
    return [
      `${target} is ${source} as of ${time.toISOString()}; ${source} is kept, and ${forwarded} resources go on beyond its revisions`,
      'to take it: deploy the stack as before, with these in --parameter-overrides',
      `  TableName=${target} TableStream=${stream}`,
    ].join('\n');
  } finally {
    client.destroy();
  }
}

async function describe(
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

/** Throws Error for a time that the table can't be restored to. */
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
    throw new Error(`--point-in-time ${text}: it is latest, or a time such as 2026-11-29T10:00:00Z`);
  }
  // DynamoDB takes whole seconds.
  const time = wholeSecond(asked);
  if ((earliest !== undefined && time < wholeSecond(earliest)) || (latest !== undefined && time > latest)) {
    throw new Error(
      `${TableName} can be restored to a time from ${earliest?.toISOString()} to ${latest?.toISOString()}`,
    );
  }
  return time;
}

const wholeSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

async function settled(sdk: SDK, client: DynamoDBClient, TableName: string): Promise<void> {
  const wait = { client, maxWaitTime: RESTORE_SECONDS, minDelay: 1, maxDelay: LOOK_SECONDS };
  await sdk.waitUntilTableExists(wait, { TableName });
}

/** What DynamoDB does not restore: expiry, stream, recovery, tags, protection. Returns the stream's label. */
async function equip(
  sdk: SDK,
  client: DynamoDBClient,
  before: TableDescription,
  TableName: string,
): Promise<string> {
  const { TimeToLiveDescription: expiry } = await client.send(
    new sdk.DescribeTimeToLiveCommand({ TableName }),
  );
  if (expiry?.TimeToLiveStatus !== 'ENABLED' && expiry?.TimeToLiveStatus !== 'ENABLING') {
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await client.send(new sdk.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  await client.send(
    new sdk.UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  let table = (await describe(sdk, client, TableName))!;
  if (!table.StreamSpecification?.StreamEnabled) {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } as const;
    await client.send(new sdk.UpdateTableCommand({ TableName, StreamSpecification }));
    await settled(sdk, client, TableName);
  }
  const { DeletionProtectionEnabled = false, TableArn: sourceArn } = before;
  if (table.DeletionProtectionEnabled !== DeletionProtectionEnabled) {
    await client.send(new sdk.UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
    await settled(sdk, client, TableName);
  }
  const { Tags = [] } = await client.send(new sdk.ListTagsOfResourceCommand({ ResourceArn: sourceArn }));
  const ours = Tags.filter(({ Key = '' }) => !Key.startsWith('aws:'));
  if (ours.length > 0) {
    await client.send(new sdk.TagResourceCommand({ ResourceArn: table.TableArn, Tags: ours }));
  }
  table = (await describe(sdk, client, TableName))!;
  if (table.LatestStreamLabel === undefined)
    throw new Error(`${TableName} has no stream yet: run this again`);
  return table.LatestStreamLabel;
}

/** So that no watch or cache that knew the old table goes wrong. Returns how many resources there are. */
async function forward(options: PointInTimeOptions, source: string, target: string): Promise<number> {
  const old = await openTenantStore({ ...options, table: source });
  const store = await openTenantStore({ ...options, table: target });
  try {
    let forwarded = 0;
    // Of the old one too: what came after the moment may come again.
    const resources = [...(await storedResources(store)), ...(await storedResources(old))];
    for (const resource of new Map(resources.map((one) => [one.prefix, one])).values()) {
      const config = storageOf(resource, store);
      const known = await old.factory.newestRevision(resource.prefix);
      const here = await store.factory.newestRevision(resource.prefix);
      if (known <= FIRST_REVISION) continue;
      forwarded++;
      if (here <= known) await store.factory.fastForward(config, known + HEADROOM);
    }
    return forwarded;
  } finally {
    await store.close();
    await old.close();
  }
}

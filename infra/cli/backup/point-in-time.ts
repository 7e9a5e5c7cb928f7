/**
 * `zeroplane restore --point-in-time`: restores a stack's table, as of a moment, to a new table for the stack to adopt; or
 * restores objects of one control plane of a fleet from such a table.
 */

import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { createBackup } from '../../../shared/backup/create-backup.ts';
import { HEADROOM, restoreBackup } from '../../../shared/backup/restore-backup.ts';
import { ScopeCheck } from '../../../shared/backup/scope.ts';
import { type Store, storageOf, storedResources } from '../../../shared/backup/stored-resources.ts';
import { FIRST_REVISION } from '../../../shared/storage/dynamodb/dynamodb-table.ts';
import { openTenantStore, type TenantStoreOptions } from '../tenant-store.ts';
import { describeTable, type RecoveredTable, recoverTable, type SDK, settled } from './table-recovery.ts';

export interface PointInTimeOptions extends TenantStoreOptions {
  /** `latest`, or a time in RFC 3339. */
  readonly pointInTime: string;
  /** For a fleet's control plane: restores only these resources, and only objects in these namespaces. */
  readonly resource?: readonly string[] | undefined;
  readonly namespace?: readonly string[] | undefined;
}

/**
 * Can be interrupted and run again with the same time. Returns a message for the user; throws Error with the reason if
 * it can't restore.
 */
export async function restorePointInTime(options: PointInTimeOptions): Promise<string> {
  const { dataDir, fleet, resource, namespace } = options;
  if (dataDir !== undefined) {
    throw new Error('--point-in-time is for tables in AWS: restore a backup with --input');
  }
  if (fleet !== undefined) return restoreTenant(options, `zeroplane-${fleet}`);
  if (resource ?? namespace) {
    throw new Error(
      "--point-in-time restores a stack's whole table: --resource and --namespace are for a backup, or a fleet's control plane",
    );
  }
  return restoreStack(options);
}

async function restoreStack(options: PointInTimeOptions): Promise<string> {
  const { tenant, region, table: source = `zeroplane-${tenant}`, pointInTime } = options;
  const prefix = `zeroplane-${tenant}`;
  return recoverTable(
    { source, prefix, pointInTime, region },
    async ({ sdk, client, before, table, time }) => {
      const stream = await equip(sdk, client, before, table);
      const forwarded = await forward(options, source, table);
      return [
        `${table} is ${source} as of ${time.toISOString()}; ${source} is kept, and ${forwarded} resources continue beyond its revisions`,
        'to switch to it, deploy the stack as before, with these in --parameter-overrides:',
        `  TableName=${table} TableStream=${stream}`,
      ].join('\n');
    },
  );
}

/** Restores objects, as from a backup: keys and the place in the fleet stay as they are now. */
async function restoreTenant(options: PointInTimeOptions, fleetTable: string): Promise<string> {
  const { tenant, region, pointInTime, resource: resources, namespace: namespaces } = options;
  const openNow = () => openTenantStore({ ...options, table: undefined }, { isExclusive: true });
  // Checked before any waiting.
  const { table: source, close } = await openNow();
  await close();
  const isShared = source === fleetTable;
  const take = async ({ table, time }: RecoveredTable): Promise<string> => {
    const then = await openTenantStore({
      ...options,
      ...(isShared ? { table } : { table: undefined, ownTable: table }),
    });
    try {
      await checkNamespaces(then, namespaces);
      const now = await openNow();
      try {
        const records = createBackup(then, { source: tenant, now: time.getTime() });
        const report = await restoreBackup(now, records, { resources, namespaces });
        return [
          `${tenant} is restored to ${time.toISOString()}: ${report.written} objects written, ${report.unchanged} unchanged, ${report.deleted} others deleted`,
          `it is served again when its spec.suspended is false`,
          isShared
            ? `${table} is a copy of the fleet's table, from which others can be restored; when it is no longer needed:`
            : `${table} is a copy of its table; when it is no longer needed:`,
          `  aws dynamodb delete-table --table-name ${table}`,
        ].join('\n');
      } finally {
        await now.close();
      }
    } finally {
      await then.close();
    }
  };
  return recoverTable({ source, prefix: source, pointInTime, region }, take);
}

/**
 * Must be called before objects are deleted because they didn't exist then. Throws Error for a namespace that didn't
 * exist.
 */
async function checkNamespaces(then: Store, namespaces: readonly string[] | undefined): Promise<void> {
  const check = new ScopeCheck({ namespaces });
  const scope = { resources: ['namespaces'], namespaces };
  for await (const record of createBackup(then, { source: '', now: 0, scope })) check.see(record);
  const missing = check.missing();
  if (missing.length > 0) throw new Error(`there was no ${missing.join(', no ')} at that time`);
}

/** Restores what DynamoDB does not: TTL, stream, recovery, tags, protection. Returns the stream's label. */
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
  let table = (await describeTable(sdk, client, TableName))!;
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
  table = (await describeTable(sdk, client, TableName))!;
  if (table.LatestStreamLabel === undefined)
    throw new Error(`${TableName} has no stream yet: run this again`);
  return table.LatestStreamLabel;
}

/**
 * Advances revisions, so that watches and caches of the old table, which may take writes until the stack uses the new
 * one, remain correct. Returns the number of resources.
 */
async function forward(options: PointInTimeOptions, source: string, target: string): Promise<number> {
  const old = await openTenantStore({ ...options, table: source });
  const store = await openTenantStore({ ...options, table: target });
  try {
    let forwarded = 0;
    // Includes resources of the old table: those created after the moment may be created again.
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

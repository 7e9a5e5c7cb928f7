/**
 * Dedicated tables of a fleet's tenants: each is created with the properties of the fleet's own, which a template
 * defines, and deleted. Every step detects the work of earlier calls, and rejects with `NotYet` while DynamoDB is at
 * work.
 */

import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  type Tag,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { NotYet } from '../../shared/fleet/not-yet.ts';
import { TABLE_PROPERTIES } from '../../shared/storage/dynamodb/table.ts';
import { appendAll } from '../../shared/util/append-all.ts';
import { ownTableName } from './own-table-name.ts';
import { sdkBounds } from './sdk-bounds.ts';
import { StreamMappings } from './stream-mappings.ts';
import type { TablePlace } from './table-place.ts';

export interface OwnTablesOptions {
  /** The fleet's table, the model for the others' properties and names. */
  readonly tableName: string;
  /** The function that consumes their streams, as it does the fleet's. */
  readonly functionName: string;
  readonly place: TablePlace;
}

/** The tenant's id, for cost allocation. Not the tag of a stack's table, which would include it in backups twice. */
const TENANT_TAG = 'zeroplane:control-plane';
const TIMEOUT_MS = 5_000;
const { BillingMode, TimeToLiveSpecification } = TABLE_PROPERTIES;

/** DynamoDB's errors for a table that is being changed, or for too many concurrent changes. */
const BUSY: ReadonlySet<string> = new Set([
  'ContinuousBackupsUnavailableException',
  'LimitExceededException',
  'ResourceInUseException',
  'ThrottlingException',
]);
const GONE: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'TableNotFoundException']);

export class OwnTables {
  readonly #fleetTable: string;
  readonly #mappings: StreamMappings;
  readonly #client: DynamoDBClient;

  constructor({ tableName, functionName, place }: OwnTablesOptions) {
    this.#fleetTable = tableName;
    this.#mappings = new StreamMappings(functionName);
    this.#client = new DynamoDBClient({ ...sdkBounds(TIMEOUT_MS), ...place });
  }

  /**
   * Resolves when the tenant with that id has its table, and the function consumes its stream. Rejects with `NotYet`.
   */
  async provision(id: string): Promise<void> {
    const name = ownTableName(this.#fleetTable, id);
    const model = await this.#describe(this.#fleetTable);
    if (model === undefined) throw new Error(`there is no table ${this.#fleetTable}`);
    const table = await this.#describe(name);
    if (table === undefined) {
      await this.#create(name, model, id);
      throw new NotYet(progress(name, undefined));
    }
    if (table.TableStatus !== 'ACTIVE' && table.TableStatus !== 'UPDATING') {
      throw new NotYet(progress(name, table));
    }
    await this.#complete(name, table, model);
    await this.#mappings.follow(streamOf(table), streamOf(model));
  }

  /** Deletes a tenant's table, and stops consuming its stream. It may be gone. Rejects with `NotYet`. */
  async remove(id: string): Promise<void> {
    const TableName = ownTableName(this.#fleetTable, id);
    const table = await this.release(id);
    if (table === undefined || table.TableStatus === 'DELETING') return;
    if (table.DeletionProtectionEnabled) {
      const unprotected = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false });
      await this.#change(TableName, () => this.#client.send(unprotected));
    }
    await this.#change(TableName, () => this.#client.send(new DeleteTableCommand({ TableName })));
  }

  /** Stops consuming the table's stream, and returns the table. Rejects with `NotYet`. */
  async release(id: string): Promise<TableDescription | undefined> {
    const name = ownTableName(this.#fleetTable, id);
    const [model, table] = await Promise.all([this.#describe(this.#fleetTable), this.#describe(name)]);
    if (model !== undefined) await this.#mappings.forget(name, table?.LatestStreamArn, streamOf(model));
    return table;
  }

  async #create(TableName: string, model: TableDescription, id: string): Promise<void> {
    const { AttributeDefinitions, KeySchema, StreamSpecification, SSEDescription } = model;
    const { DeletionProtectionEnabled } = model;
    const key = SSEDescription?.SSEType === 'KMS' ? SSEDescription.KMSMasterKeyArn : undefined;
    const Tags = [...(await this.#tagsOf(model)), { Key: TENANT_TAG, Value: id }];
    const created = new CreateTableCommand({
      ...{ TableName, BillingMode, AttributeDefinitions, KeySchema, StreamSpecification },
      ...{ DeletionProtectionEnabled, Tags },
      ...(key && { SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: key } }),
    });
    await this.#change(TableName, () => this.#client.send(created));
  }

  /** Applies settings that can't be part of a table's creation, and changes of the model since. */
  async #complete(TableName: string, table: TableDescription, model: TableDescription): Promise<void> {
    const { DeletionProtectionEnabled = false } = model;
    if ((table.DeletionProtectionEnabled ?? false) !== DeletionProtectionEnabled) {
      const changed = new UpdateTableCommand({ TableName, DeletionProtectionEnabled });
      await this.#change(TableName, () => this.#client.send(changed));
    }
    if (!(await this.#hasTimeToLive(TableName))) {
      const changed = new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification });
      await this.#change(TableName, () => this.#client.send(changed));
    }
    if ((await this.#isRecoverable(this.#fleetTable)) && !(await this.#isRecoverable(TableName))) {
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
      const changed = new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification });
      await this.#change(TableName, () => this.#client.send(changed));
    }
  }

  async #describe(TableName: string): Promise<TableDescription | undefined> {
    try {
      return (await this.#client.send(new DescribeTableCommand({ TableName }))).Table;
    } catch (error) {
      if (GONE.has((error as Error).name)) return undefined;
      throw error;
    }
  }

  async #tagsOf({ TableArn }: TableDescription): Promise<Tag[]> {
    const tags: Tag[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListTagsOfResourceCommand({ ResourceArn: TableArn, NextToken }),
      );
      appendAll(tags, page.Tags ?? []);
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    // Tags of CloudFormation can't be set by others.
    return tags.filter(({ Key }) => !Key?.startsWith('aws:') && Key !== TENANT_TAG);
  }

  async #hasTimeToLive(TableName: string): Promise<boolean> {
    const answer = await this.#client.send(new DescribeTimeToLiveCommand({ TableName }));
    const { TimeToLiveStatus } = answer.TimeToLiveDescription ?? {};
    return TimeToLiveStatus === 'ENABLED' || TimeToLiveStatus === 'ENABLING';
  }

  async #isRecoverable(TableName: string): Promise<boolean> {
    const answer = await this.#client.send(new DescribeContinuousBackupsCommand({ TableName }));
    const { PointInTimeRecoveryDescription } = answer.ContinuousBackupsDescription ?? {};
    return PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  }

  /** A busy table is retried later; a deleted one needs nothing. */
  async #change(name: string, send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const { name: kind } = error as Error;
      if (GONE.has(kind)) return;
      if (BUSY.has(kind)) throw new NotYet(progress(name, await this.#describe(name)));
      throw error;
    }
  }
}

function streamOf({ TableName, LatestStreamArn }: TableDescription): string {
  if (LatestStreamArn === undefined) throw new Error(`table ${TableName} has no stream`);
  return LatestStreamArn;
}

/** Includes the time while a table is being created, so that the object changes and is synced again. */
function progress(name: string, table: TableDescription | undefined): string {
  const { TableStatus = 'CREATING', CreationDateTime: since } = table ?? {};
  const seconds = since === undefined ? 0 : Math.max(0, Math.round((Date.now() - since.getTime()) / 1000));
  const age = TableStatus === 'CREATING' ? `, for ${seconds} s so far` : '';
  return `table ${name} is ${TableStatus}${age}`;
}

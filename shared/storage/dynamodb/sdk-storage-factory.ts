/** `StorageFactory` over DynamoDB as configured for the AWS SDK. */

import { systemClock } from '../../util/clock.ts';
import { DynamoDBStorageFactory, type StorageTuning } from './dynamodb-storage-factory.ts';
import { SDKDynamoDBTable, type SDKDynamoDBTableOptions } from './sdk-dynamodb-table.ts';

export type SDKStorageFactoryOptions = StorageTuning & SDKDynamoDBTableOptions;

export class SDKStorageFactory extends DynamoDBStorageFactory {
  constructor(options: SDKStorageFactoryOptions) {
    const { now } = options.clock ?? systemClock;
    super({ ...options, table: new SDKDynamoDBTable({ now, ...options }) });
  }
}

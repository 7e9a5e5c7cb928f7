import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface DynamoDBStorageOptions {
  /** Table of one control plane; created unless it exists. */
  readonly tableName: string;
  /** Absent: AWS, or `AWS_ENDPOINT_URL_DYNAMODB`. */
  readonly endpoint?: string | undefined;
  /** Absent: from the AWS SDK's default chain. */
  readonly region?: string | undefined;
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
}

/** Opens the storage of a control plane. The caller closes it after the control plane. */
export async function openDynamoDBStorage(options: DynamoDBStorageOptions): Promise<StorageFactory> {
  const storage = new SDKStorageFactory(options);
  await storage.createTable();
  return storage;
}

import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { StorageFactory } from '../../shared/storage/storage.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface DynamoDBStorageOptions {
  /** Of one control plane; made unless it exists. */
  readonly tableName: string;
  /** Absent: AWS, or what `AWS_ENDPOINT_URL_DYNAMODB` says. */
  readonly endpoint?: string | undefined;
  /** Absent: as the AWS SDK finds them. */
  readonly region?: string | undefined;
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
}

/** What control planes keep their objects in. Its opener closes it, when the control plane is closed. */
export async function openDynamoDBStorage(options: DynamoDBStorageOptions): Promise<StorageFactory> {
  const storage = new SDKStorageFactory(options);
  await storage.createTable();
  return storage;
}

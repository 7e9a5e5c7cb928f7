import type { StorageConfig } from './storage.ts';

/** A record that processes exchange through the store. */
export interface StoredRecord {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
}

/** `resourcePrefix`: must not be below `/registry`, where every name is a resource of the API. */
export function recordConfig<T extends StoredRecord>(resourcePrefix: string): StorageConfig<T> {
  const decode = (bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString()) as T;
  const encode = ({ metadata, ...record }: T, revision: number): Uint8Array =>
    Buffer.from(
      JSON.stringify({ ...record, metadata: { name: metadata.name, resourceVersion: String(revision) } }),
    );
  return {
    resourcePrefix,
    codec: {
      encode,
      decode,
      rewriteResourceVersion: (bytes, revision) => encode(decode(bytes), revision),
    },
    attributes: () => ({ labels: {}, fields: {}, uid: '', namespace: '' }),
  };
}

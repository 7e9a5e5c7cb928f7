/** Reads every object of a kube-apiserver from a snapshot of its etcd. */

import type { ForeignResource } from '../../../../shared/backup/foreign-records.ts';
import type { Skipped } from '../../../../shared/backup/reason-counts.ts';
import type { RuntimeObject } from '../../../../shared/runtime/scheme.ts';
import type { CodecFactory } from '../../../../shared/runtime/serializer/codec-factory.ts';
import type { TransformerFor } from '../../../../shared/storage/encryption/encryption.ts';
import { parseJSON } from '../../../../shared/util/exact-json.ts';
import { foreignResources } from '../foreign-resources.ts';
import { type EtcdValue, readSnapshot } from './snapshot.ts';

export interface SnapshotOptions {
  readonly path: string;
  /** kube-apiserver's `--etcd-prefix`. */
  readonly prefix: string;
  readonly codecs: CodecFactory;
  /** From the cluster's own `--encryption-provider-config`. */
  readonly transformerFor: TransformerFor;
}

/** kube-apiserver's internal keys: allocations, which follow from the objects, and its own leases. */
const BOOKKEEPING = ['ranges/', 'masterleases/', 'peerserverleases/'];

const PROTOBUF = Buffer.from('k8s\0');

/** Definitions first. Values that can't be decrypted or decoded are reported and skipped. */
export async function* snapshotResources(
  options: SnapshotOptions,
  skipped: Skipped,
): AsyncGenerator<ForeignResource> {
  const root = `${options.prefix.replace(/^\/*|\/*$/g, '').replace(/^/, '/')}/`;
  const { revision, values } = readSnapshot(options.path, root);
  const objects: RuntimeObject[] = [];
  for (const value of values) {
    const name = value.key.slice(root.length);
    if (BOOKKEEPING.some((folder) => name.startsWith(folder))) continue;
    try {
      objects.push(await decode(options, value, name));
    } catch (error) {
      skipped(`${root}${name.split('/')[0]}`, 1, (error as Error).message);
    }
  }
  yield* foreignResources(objects, revision, skipped);
}

async function decode(
  { codecs, transformerFor }: SnapshotOptions,
  { key, value }: EtcdValue,
  name: string,
): Promise<RuntimeObject> {
  const [first = '', second = ''] = name.split('/');
  const resource = first.includes('.') ? { group: first, resource: second } : { group: '', resource: first };
  const { plain } = (await transformerFor(resource)?.fromStorage(value, key)) ?? { plain: value };
  const bytes = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  if (bytes.subarray(0, PROTOBUF.length).equals(PROTOBUF)) {
    const { serializer } = (await codecs.serializerInfo('application/vnd.kubernetes.protobuf'))!;
    return serializer.decode(bytes).object;
  }
  if (bytes[0] !== 0x7b) {
    throw new Error("the value is encrypted: give the cluster's --source-encryption-provider-config");
  }
  return parseJSON(bytes.toString()) as RuntimeObject;
}

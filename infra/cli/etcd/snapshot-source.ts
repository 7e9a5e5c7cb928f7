/** Every object of a kube-apiserver's etcd, from a snapshot of it. */

import { builtinResources } from '../../../shared/apis/resource-table.ts';
import type { ForeignResource, Skipped } from '../../../shared/backup/foreign-records.ts';
import { parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import type { RuntimeObject } from '../../../shared/runtime/scheme.ts';
import type { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import type { TransformerFor } from '../../../shared/storage/encryption/encryption.ts';
import { parseJSON } from '../../../shared/util/exact-json.ts';
import { type EtcdValue, readSnapshot } from './snapshot.ts';

export interface SnapshotOptions {
  readonly path: string;
  /** kube-apiserver's `--etcd-prefix`. */
  readonly prefix: string;
  readonly codecs: CodecFactory;
  /** As the cluster's own `--encryption-provider-config` says. */
  readonly transformerFor: TransformerFor;
}

/** What kube-apiserver keeps beside objects: allocations that follow from the objects, and leases of its own. */
const BOOKKEEPING = ['ranges/', 'masterleases/', 'peerserverleases/'];

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
  };
}

interface Place {
  readonly group: string;
  readonly resource: string;
  readonly isCustom: boolean;
}

const PROTOBUF = Buffer.from('k8s\0');
const DEFINITION = 'CustomResourceDefinition.apiextensions.k8s.io';

/** By kind and group; where releases had several names for one kind, the newest. */
function builtinPlaces(): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [groupVersion, { resources }] of builtinResources()) {
    const group = parseGroupVersion(groupVersion)?.group ?? '';
    for (const [resource, { kind, verbs }] of Object.entries(resources)) {
      if (verbs.includes('list')) places.set(`${kind}.${group}`, { group, resource, isCustom: false });
    }
  }
  return places;
}

/** Definitions first. Values that can't be decrypted or decoded are told of, and left behind. */
export async function* snapshotResources(
  options: SnapshotOptions,
  skipped: Skipped,
): AsyncGenerator<ForeignResource> {
  const root = `${options.prefix.replace(/^\/*|\/*$/g, '').replace(/^/, '/')}/`;
  const { revision, values } = readSnapshot(options.path, root);
  const places = builtinPlaces();
  const found = new Map<string, { place: Place; objects: RuntimeObject[] }>();
  const unread = new Map<string, { count: number; reason: string }>();
  const leave = (what: string, reason: string) => {
    const one = unread.get(what) ?? { count: 0, reason };
    unread.set(what, { ...one, count: one.count + 1 });
  };
  const objects: RuntimeObject[] = [];
  for (const value of values) {
    const name = value.key.slice(root.length);
    if (BOOKKEEPING.some((folder) => name.startsWith(folder))) continue;
    try {
      objects.push(await decode(options, value, name));
    } catch (error) {
      leave(`${root}${name.split('/')[0]}`, (error as Error).message);
    }
  }
  for (const object of objects) {
    if (kindOf(object) !== DEFINITION) continue;
    const { group, names } = (object as unknown as Definition).spec;
    places.set(`${names.kind}.${group}`, { group, resource: names.plural, isCustom: true });
  }
  for (const object of objects) {
    const kind = kindOf(object);
    const place = places.get(kind);
    if (place === undefined) {
      leave(kind, 'no resource of this kind is known');
      continue;
    }
    const all = found.get(kind) ?? { place, objects: [] };
    all.objects.push(object);
    found.set(kind, all);
  }
  for (const [what, { count, reason }] of unread) skipped(what, count, reason);
  const definitions = found.get(DEFINITION);
  found.delete(DEFINITION);
  for (const { place, objects } of [...(definitions ? [definitions] : []), ...found.values()]) {
    yield { ...place, resourceVersion: revision, objects };
  }
}

function kindOf({ kind = '', apiVersion = '' }: RuntimeObject): string {
  return `${kind}.${parseGroupVersion(apiVersion)?.group ?? ''}`;
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

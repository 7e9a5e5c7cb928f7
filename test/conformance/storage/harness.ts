/** The requirements of the conformance suite on a storage under test, and the pods it stores. */

import { selectionAttributes } from '../../../shared/storage/selection-predicate.ts';
import type {
  Storage,
  StorageConfig,
  StorageFactory,
  StoredObject,
  ValueTransformer,
  Watch,
  WatchEvent,
} from '../../../shared/storage/storage.ts';

export interface Pod {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    resourceVersion?: string;
  };
  spec: { nodeName: string };
}

export interface StorageHarness {
  /** The storages of another process, on the data shared by all processes of this harness. */
  newProcess(): StorageFactory;
  /** Advances the clocks of all processes. */
  advance(ms: number): void;
  /** Longer than any change is available to watches and exact lists; shorter than replicas are trusted. */
  readonly retentionMs: number;
  readonly bookmarkMs: number;
  /** Whether a resource is kept in memory once read: pages then report the remaining item count. */
  readonly holdsResources: boolean;
  close(): Promise<void>;
}

let resources = 0;

/** A resource not used by any other test. */
export function newResource(overrides: Partial<StorageConfig<Pod>> = {}): StorageConfig<Pod> {
  return {
    resourcePrefix: `/registry/test/pods-${++resources}`,
    codec: {
      encode,
      decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Pod,
      rewriteResourceVersion: (bytes, resourceVersion) =>
        encode(JSON.parse(Buffer.from(bytes).toString()) as Pod, resourceVersion),
    },
    attributes: ({ metadata, spec }) =>
      selectionAttributes(
        { metadata },
        {
          'metadata.name': metadata.name,
          'metadata.namespace': metadata.namespace ?? '',
          'spec.nodeName': spec.nodeName,
        },
      ),
    ...overrides,
  };
}

function encode(pod: Pod, resourceVersion: number): Uint8Array {
  const { resourceVersion: _, ...metadata } = pod.metadata;
  return Buffer.from(
    JSON.stringify({ ...pod, metadata: { ...metadata, resourceVersion: String(resourceVersion) } }),
  );
}

export function pod(key: string, fields: Partial<Pod['metadata'] & Pod['spec']> = {}): Pod {
  const [namespace, name] = key.includes('/') ? (key.split('/') as [string, string]) : [undefined, key];
  const { nodeName = '', ...metadata } = fields;
  return {
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    spec: { nodeName },
  };
}

export function createPod(storage: Storage<Pod>, key: string, fields: Parameters<typeof pod>[1] = {}) {
  return storage.create(key, pod(key, fields));
}

/** Updates a pod's labels; does not create it. */
export function label(storage: Storage<Pod>, key: string, labels: Record<string, string>) {
  return storage.guaranteedUpdate(key, {
    tryUpdate: async (current) => ({ object: { ...current!, metadata: { ...current!.metadata, labels } } }),
  });
}

export const text = (item: StoredObject<Pod>) => Buffer.from(item.bytes).toString();
export const names = (items: readonly StoredObject<Pod>[]) => items.map((item) => item.key);

/** An event in comparable form. */
export type Seen = [type: string, key: string, resourceVersion: number];

function seen(event: WatchEvent<Pod>): Seen {
  if (event.type === 'BOOKMARK')
    return [event.initialEventsEnd ? 'INITIAL-END' : 'BOOKMARK', '', event.resourceVersion];
  const { item } = event;
  // Clients read the bytes, so these must agree with the item's resourceVersion.
  const inBytes = (JSON.parse(Buffer.from(item.bytes).toString()) as Pod).metadata.resourceVersion;
  return [event.type, item.key, inBytes === String(item.resourceVersion) ? item.resourceVersion : Number.NaN];
}

export const added = (item: StoredObject<Pod>): Seen => ['ADDED', item.key, item.resourceVersion];
export const modified = (item: StoredObject<Pod>): Seen => ['MODIFIED', item.key, item.resourceVersion];
export const deleted = (item: StoredObject<Pod>): Seen => ['DELETED', item.key, item.resourceVersion];

/** Reads the next `count` events. */
export async function take(watch: Watch<Pod>, count: number): Promise<Seen[]> {
  const iterator = iteratorOf(watch);
  const events: Seen[] = [];
  while (events.length < count) {
    const { done, value } = await iterator.next();
    if (done) throw new Error(`the watch ended after ${JSON.stringify(events)}`);
    events.push(seen(value));
  }
  return events;
}

const ITERATORS = new WeakMap<Watch<Pod>, AsyncIterator<WatchEvent<Pod>>>();

/** The single iterator of a watch, which a test may read in several steps. */
export function iteratorOf(watch: Watch<Pod>): AsyncIterator<WatchEvent<Pod>> {
  let iterator = ITERATORS.get(watch);
  if (iterator === undefined) {
    iterator = watch[Symbol.asyncIterator]();
    ITERATORS.set(watch, iterator);
  }
  return iterator;
}

/** Adds a prefix to every value; can be made to fail, or to report values as stale. */
export class PrefixTransformer implements ValueTransformer {
  prefix = 'k1:';
  stale = false;
  failing = false;
  /** All paths it was called with. */
  readonly paths = new Set<string>();

  async toStorage(plain: Uint8Array, path: string): Promise<Uint8Array> {
    this.paths.add(path);
    return Buffer.concat([Buffer.from(this.prefix), plain]);
  }

  async fromStorage(stored: Uint8Array, path: string): Promise<{ plain: Uint8Array; stale: boolean }> {
    this.paths.add(path);
    const prefix = Buffer.from(stored.subarray(0, this.prefix.length)).toString();
    if (this.failing || prefix !== this.prefix) throw new Error(`no key for ${prefix}`);
    return { plain: stored.subarray(this.prefix.length), stale: this.stale };
  }
}

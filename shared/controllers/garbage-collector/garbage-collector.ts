/**
 * Deletes objects that have lost all their owners, and carries out foreground and orphaning deletions
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/garbagecollector/garbagecollector.go). Upstream
 * keeps a graph of everything in memory; this one reads an object, its owners and its dependents.
 */

import { isConflict, isNotFound } from '../../meta/status-error.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import type { ObjectPlace, ResourceAccess } from '../../rest/resource-access.ts';
import type { PairIndex } from '../../storage/storage.ts';
import type { Change, Controller } from '../controller.ts';
import type { ResourceCatalog } from '../resource-catalog.ts';
import {
  isOfInterest,
  type OwnedObject,
  OwnedObjects,
  type Place,
  placeKey,
  placeOfKey,
  RELATED,
} from './owned-objects.ts';
import { type ScanResult, scan } from './scan.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
/** Changes of owners on another API server are not observed: they are polled. */
const REMOTE_RECHECK_MS = 30_000;

/** Names of the pair indexes of owners and dependents, and of resources and their last scan. */
export const OWNERS = 'owners';
export const SCANS = 'owner-scans';

/** Data of a deleted object, from its deletion. */
interface Gone {
  readonly uid: string;
  readonly owners: readonly OwnerReference[];
}

export interface GarbageCollectorOptions {
  readonly resources: ResourceAccess;
  readonly catalog: ResourceCatalog;
  /** Pairs of owners and dependents (`OWNERS`). */
  readonly owners: PairIndex;
  /** Pairs of resources and their last scan (`SCANS`). */
  readonly scans: PairIndex;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export class GarbageCollector implements Controller {
  readonly name = 'garbage-collector-controller';
  readonly looksThroughMuch = true;
  readonly #resources: ResourceAccess;
  readonly #objects: OwnedObjects;
  /** Observed deletions by place, until they are processed. */
  readonly #gone = new Map<string, Gone>();
  readonly #scan: () => Promise<ScanResult>;
  /** The suspects of the last scan that were not synced yet. */
  #unsynced: { readonly keys: Set<string>; readonly finish: () => Promise<void> } | undefined;

  constructor({ resources, catalog, owners, scans, now = Date.now }: GarbageCollectorOptions) {
    this.#resources = resources;
    const objects = new OwnedObjects(resources, catalog, owners);
    this.#objects = objects;
    this.#scan = () => scan({ resources, catalog, objects, owners, scans, now });
  }

  /** Keys are places. */
  keysFor(change: Change): string[] {
    if (!isOfInterest(change.resource)) return [];
    if (change.type !== 'DELETED' && change.contains?.(RELATED) === false) return [];
    const key = placeKey(change);
    const { ownerReferences: owners = [], deletionTimestamp, uid = '' } = change.object().metadata;
    if (change.type === 'DELETED') this.#gone.set(key, { uid, owners });
    else if (owners.length === 0 && !deletionTimestamp) return [];
    return [key];
  }

  async allKeys(): Promise<string[]> {
    const { suspects, finish } = await this.#scan();
    const keys = suspects.map(placeKey);
    this.#unsynced = { keys: new Set(keys), finish };
    await this.#finishScan();
    return keys;
  }

  async #finishScan(): Promise<void> {
    if (this.#unsynced?.keys.size !== 0) return;
    const { finish } = this.#unsynced;
    this.#unsynced = undefined;
    await finish();
  }

  async reconcile(key: string): Promise<number | undefined> {
    const place = placeOfKey(key);
    const gone = this.#gone.get(key);
    const object = await this.#objects.find(place);
    const recheck = object && (await this.#process(object));
    if (object === undefined || (gone !== undefined && gone.uid !== object.uid)) {
      await this.#afterEnd(place, gone);
    }
    // A deletion observed meanwhile gets its own turn.
    if (this.#gone.get(key) === gone) this.#gone.delete(key);
    if (this.#unsynced?.keys.delete(key)) await this.#finishScan();
    return recheck;
  }

  /** Collects the dependents of a deleted object, and unblocks owners that waited for it. */
  async #afterEnd(place: Place, gone: Gone = { uid: '', owners: [] }): Promise<void> {
    for (const dependent of await this.#objects.dependentsOf(place)) await this.#process(dependent, gone.uid);
    for (const reference of gone.owners) {
      const ownerPlace = await this.#objects.placeOfOwner(place.namespace, reference);
      if (ownerPlace === undefined) continue;
      await this.#objects.unlink(ownerPlace, place, gone.uid);
      if (!reference.blockOwnerDeletion) continue;
      const owner = await this.#objects.find(ownerPlace);
      if (owner?.uid === reference.uid && owner.isBeingDeleted) await this.#process(owner);
    }
  }

  /**
   * Returns the milliseconds until the object should be checked again, if it isn't changed. `absentUid`: uid of an owner
   * known to be deleted, even if its kind is no longer served.
   */
  async #process(object: OwnedObject, absentUid = ''): Promise<number | undefined> {
    try {
      if (!object.isBeingDeleted) return await this.#collect(object, absentUid);
      if (object.finalizers.includes(ORPHAN)) await this.#orphan(object);
      else if (object.finalizers.includes(FOREGROUND)) await this.#finishForeground(object);
    } catch (error) {
      // Deleted or changed since it was read: the change queues it again.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }

  async #dependentsOf(owner: OwnedObject): Promise<readonly OwnedObject[]> {
    const all = await this.#objects.dependentsOf(owner);
    return all.filter(({ owners }) => owners.some(({ uid }) => uid === owner.uid));
  }

  /** Removes the object from its dependents' owners, then allows its deletion. */
  async #orphan(object: OwnedObject): Promise<void> {
    for (const dependent of await this.#dependentsOf(object)) {
      await this.#removeOwners(dependent, new Set([object.uid]));
      await this.#objects.unlink(object, dependent, dependent.uid);
    }
    await this.#removeFinalizer(object, ORPHAN);
  }

  /** Deletes the object's dependents, and allows its deletion when none that blocks it is left. */
  async #finishForeground(object: OwnedObject): Promise<void> {
    for (const dependent of await this.#dependentsOf(object)) {
      if (!dependent.isBeingDeleted) await this.#process(dependent);
    }
    const isBlocked = (await this.#dependentsOf(object)).some(({ owners }) =>
      owners.some(({ uid, blockOwnerDeletion }) => uid === object.uid && blockOwnerDeletion),
    );
    if (!isBlocked) await this.#removeFinalizer(object, FOREGROUND);
  }

  async #collect(object: OwnedObject, absentUid: string): Promise<number | undefined> {
    const gone = new Set<string>();
    const waiting = new Set<string>();
    let solid = 0;
    let recheck: number | undefined;
    for (const reference of object.owners) {
      if (reference.uid === absentUid) {
        gone.add(reference.uid);
        continue;
      }
      const place = await this.#objects.placeOfOwner(object.namespace, reference);
      // An owner that can't be looked up may exist, so nothing is deleted.
      if (place === undefined) return undefined;
      await this.#objects.link(place, object);
      if (place.resource.isRemote) recheck = REMOTE_RECHECK_MS;
      const owner = await this.#objects.find(place);
      if (owner === undefined || owner.uid !== reference.uid) gone.add(reference.uid);
      else if (owner.isBeingDeleted && owner.finalizers.includes(FOREGROUND)) waiting.add(reference.uid);
      else solid++;
    }
    if (solid > 0) {
      if (gone.size + waiting.size > 0) await this.#removeOwners(object, new Set([...gone, ...waiting]));
      return recheck;
    }
    if (gone.size + waiting.size === 0) return undefined;
    const dependents = waiting.size > 0 ? await this.#dependentsOf(object) : [];
    if (dependents.length > 0) {
      // Owners in a cycle would wait for each other forever.
      if (
        dependents.some(({ finalizers, isBeingDeleted }) => isBeingDeleted && finalizers.includes(FOREGROUND))
      ) {
        await this.#unblockOwners(object);
      }
      await this.#delete(object, 'Foreground');
      return undefined;
    }
    const policy = object.finalizers.includes(ORPHAN)
      ? 'Orphan'
      : object.finalizers.includes(FOREGROUND)
        ? 'Foreground'
        : 'Background';
    await this.#delete(object, policy);
    return undefined;
  }

  async #delete(
    object: OwnedObject,
    propagationPolicy: 'Orphan' | 'Background' | 'Foreground',
  ): Promise<void> {
    await this.#resources.client.delete(object.resource, {
      ...target(object),
      propagationPolicy,
      preconditions: { uid: object.uid },
    });
  }

  #removeOwners(object: OwnedObject, uids: ReadonlySet<string>): Promise<unknown> {
    return this.#patchMetadata(object, {
      ownerReferences: object.owners.filter(({ uid }) => !uids.has(uid)),
    });
  }

  #unblockOwners(object: OwnedObject): Promise<unknown> {
    const ownerReferences = object.owners.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    return this.#patchMetadata(object, { ownerReferences });
  }

  #removeFinalizer(object: OwnedObject, name: string): Promise<unknown> {
    return this.#patchMetadata(object, {
      finalizers: object.finalizers.filter((finalizer) => finalizer !== name),
    });
  }

  /** Patches the object only if it is unchanged: uid and revision are in the patch. */
  #patchMetadata(object: OwnedObject, change: Record<string, unknown>): Promise<unknown> {
    const { uid, resourceVersion } = object;
    const patch = { metadata: { uid, resourceVersion, ...change } };
    return this.#resources.client.patch(object.resource, patch, {
      ...target(object),
      patchType: 'application/merge-patch+json',
    });
  }
}

function target({ namespace, name }: OwnedObject): ObjectPlace {
  return namespace === '' ? { name } : { namespace, name };
}

/**
 * Scans all objects for missed work: for when writes may have been missed. Large resources that did not change since
 * their last scan are not read. What may have happened to their objects is derived from the pairs: their owners may have
 * been deleted elsewhere, or dependents that they wait for.
 */

import type { KubeObject } from '../../meta/kube-object.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import { formatGroupResource } from '../../runtime/group-version.ts';
import type { PairIndex } from '../../storage/storage.ts';
import { type CatalogResource, deletable, type ResourceCatalog } from '../resource-catalog.ts';
import {
  dependentKey,
  dependentOfKey,
  isOfInterest,
  type OwnedObject,
  type OwnedObjects,
  ownedObject,
  type Place,
  placeKey,
  placeOfKey,
  RELATED,
} from './owned-objects.ts';
import { type Scan, ScanRecords, servedHash } from './scan-records.ts';

/** Number of objects from which a resource is large: reading it costs more than recording that it was read. */
const LARGE = 100;
/** Objects of an unread resource that are read one by one; for more, the resource is read. */
const FEW = 16;
/** Tolerance for clocks of different processes, in milliseconds. */
const SKEW_MS = 3_600_000;

/** Of one resource. */
interface OwnedSnapshot {
  readonly resourceVersion: number;
  readonly size: number;
  /** All objects that have owners or are being deleted, and perhaps others. */
  readonly related: readonly OwnedObject[];
  /** `namespace/name`, or `name`. */
  find(key: string): OwnedObject | undefined;
}

export interface ScanOptions {
  readonly resources: ResourceAccess;
  readonly catalog: ResourceCatalog;
  readonly objects: OwnedObjects;
  /** Pairs of owners and dependents. */
  readonly owners: PairIndex;
  /** Pairs of resources and their last scan. */
  readonly scans: PairIndex;
  readonly now: () => number;
}

export interface ScanResult {
  /** Places that may need work. */
  readonly suspects: readonly Place[];
  /** To be called after all suspects were synced: the next scan relies on it. */
  finish(): Promise<void>;
}

export async function scan(options: ScanOptions): Promise<ScanResult> {
  const { catalog, owners, scans, now } = options;
  const at = now();
  const served = servedHash(await catalog.resources());
  const scanRecords = new ScanRecords(scans);
  const [pairs, last, inUse] = await Promise.all([owners.all(), scanRecords.read(served), catalog.inUse()]);
  const run = new RunningScan(options, last);
  // Changes on other servers are not observed: their objects can be owners, but are not scanned.
  await run.read(deletable(inUse).filter((resource) => !resource.isRemote && isOfInterest(resource)));
  await run.checkRelated(pairs);
  await run.checkUnread(pairs);
  return {
    suspects: [...run.suspects.values()],
    async finish() {
      for (const [resource, { resourceVersion: revision, size }] of run.snapshots) {
        if (size >= LARGE && last.get(resource)?.revision !== revision)
          await scanRecords.write(resource, { revision, at }, served);
      }
    },
  };
}

class RunningScan {
  readonly suspects = new Map<string, Place>();
  /** By `resource.group`. */
  readonly snapshots = new Map<string, OwnedSnapshot>();
  readonly #options: ScanOptions;
  readonly #last: ReadonlyMap<string, Scan>;
  readonly #unread = new Map<string, CatalogResource>();
  /** Objects of unread resources that were read one by one, by place. */
  readonly #found = new Map<string, OwnedObject | undefined>();
  readonly #foundOf = new Map<string, number>();

  constructor(options: ScanOptions, last: ReadonlyMap<string, Scan>) {
    this.#options = options;
    this.#last = last;
  }

  async read(resources: readonly CatalogResource[]): Promise<void> {
    const unchanged = await Promise.all(resources.map((resource) => this.#isUnchanged(resource)));
    for (const [index, resource] of resources.entries()) {
      // Sequentially, since the event loop is shared with requests.
      if (unchanged[index]) this.#unread.set(formatGroupResource(resource), resource);
      else await this.#snapshot(resource);
    }
  }

  async #isUnchanged(resource: CatalogResource): Promise<boolean> {
    const last = this.#last.get(formatGroupResource(resource));
    return last !== undefined && (await this.#options.catalog.newestRevision(resource)) <= last.revision;
  }

  /** Checks the objects that were read against their owners. */
  async checkRelated(pairs: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const { objects } = this.#options;
    for (const object of [...this.snapshots.values()].flatMap(({ related }) => related)) {
      let isSuspect = object.isBeingDeleted;
      for (const reference of object.owners) {
        const place = await objects.placeOfOwner(object.namespace, reference);
        if (place === undefined) continue;
        const owner = await this.#objectAt(place);
        if (owner?.uid !== reference.uid || owner.isBeingDeleted) isSuspect = true;
        if (pairs.get(placeKey(place))?.has(dependentKey(object))) continue;
        await objects.link(place, object);
        isSuspect = true;
      }
      if (isSuspect) this.#suspect(object);
    }
  }

  /** Checks pairs of which one side is in a resource that was not read. */
  async checkUnread(pairs: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    // What is read from here on is checked by its pairs as well.
    const unread = new Set(this.#unread.keys());
    for (const [ownerKey, dependents] of pairs) {
      const owner = placeOfKey(ownerKey);
      const isOwnerUnread = unread.has(formatGroupResource(owner.resource));
      for (const key of dependents) {
        const dependent = dependentOfKey(key);
        const isUnread = unread.has(formatGroupResource(dependent.resource));
        if (isUnread === isOwnerUnread) continue;
        if (isUnread) await this.#checkOwner(owner, dependent);
        else if ((await this.#objectAt(dependent))?.uid !== dependent.uid) {
          // The owner may have waited for it.
          this.#suspect(owner);
          await this.#options.objects.unlink(owner, dependent, dependent.uid);
        }
      }
    }
  }

  async #checkOwner(owner: Place, dependent: Place & { readonly uid: string }): Promise<void> {
    const found = await this.#objectAt(owner);
    if (found === undefined) {
      this.#suspect(dependent);
      return;
    }
    const { at } = this.#last.get(formatGroupResource(dependent.resource))!;
    if (found.createdAt < at - SKEW_MS) return;
    // The owner may be a new object of the same name.
    const object = await this.#objectAt(dependent);
    const isSuspect = object?.owners.some(({ kind, name, uid }) => {
      return name === owner.name && kind === found.resource.kind && uid !== found.uid;
    });
    if (isSuspect) this.#suspect(dependent);
  }

  #suspect(place: Place): void {
    this.suspects.set(placeKey(place), place);
  }

  /** An object of a resource that was read, or of one that is read when enough of its objects are requested. */
  async #objectAt(place: Place): Promise<OwnedObject | undefined> {
    const { resource, namespace, name } = place;
    const of = formatGroupResource(resource);
    const snapshot = this.snapshots.get(of) ?? (await this.#snapshotOfMany(of));
    if (snapshot !== undefined) return snapshot.find(namespace === '' ? name : `${namespace}/${name}`);
    // Not in use, or of another server.
    if (!this.#unread.has(of)) return undefined;
    const key = placeKey(place);
    if (!this.#found.has(key)) this.#found.set(key, await this.#options.objects.find(place));
    return this.#found.get(key);
  }

  async #snapshotOfMany(of: string): Promise<OwnedSnapshot | undefined> {
    const resource = this.#unread.get(of);
    if (resource === undefined) return undefined;
    const count = (this.#foundOf.get(of) ?? 0) + 1;
    this.#foundOf.set(of, count);
    return count > FEW ? await this.#snapshot(resource) : undefined;
  }

  async #snapshot(resource: CatalogResource): Promise<OwnedSnapshot | undefined> {
    const owned = (object: KubeObject) => ownedObject(object, resource);
    try {
      const snapshot = await this.#options.resources.lister<KubeObject>(resource).snapshot(0);
      const made: OwnedSnapshot = {
        resourceVersion: snapshot.resourceVersion,
        size: snapshot.size,
        related: await snapshot.containing(RELATED, owned),
        find: (key) => {
          const found = snapshot.get(key);
          return found && owned(found);
        },
      };
      this.snapshots.set(formatGroupResource(resource), made);
      return made;
    } catch (error) {
      if (error instanceof UnknownResourceError) return undefined;
      throw error;
    }
  }
}

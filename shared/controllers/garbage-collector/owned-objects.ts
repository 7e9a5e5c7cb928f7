/** Access to objects for the garbage collector, which finds each one without reading others. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { isNotFound, unless } from '../../meta/status-error.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { PairIndex } from '../../storage/storage.ts';
import { ownCopy, ownText } from '../../util/own-text.ts';
import { type CatalogResource, isDeletable, type ResourceCatalog } from '../resource-catalog.ts';

/** The location of an object; a different object may be there later. */
export interface Place {
  readonly resource: GroupResource;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

interface OwnerPlace extends Place {
  readonly resource: CatalogResource;
}

export interface OwnedObject extends OwnerPlace {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isBeingDeleted: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An object without these texts has no owners and isn't being deleted. */
export const RELATED = ['"ownerReferences":', '"deletionTimestamp":'];

/** Events are numerous, and own nothing. */
const EVENTS = 'events';

export const isOfInterest = ({ resource }: GroupResource): boolean => resource !== EVENTS;

/** Unambiguous, since no part of a place contains a slash. */
export function placeKey({ resource, namespace, name }: Place): string {
  return `${resource.group}/${resource.resource}/${namespace}/${name}`;
}

export function placeOfKey(key: string): Place {
  const [group = '', resource = '', namespace = '', name = ''] = key.split('/');
  return { resource: { group, resource }, namespace, name };
}

/**
 * Dependencies are stored beside the objects, as pairs of an owner's place with a dependent's place and uid. A pair is
 * written before its owner is looked up, so that if an owner is deleted while a dependent is created, at least one of
 * the two syncs sees the other. Pairs of deleted objects are removed when they are found.
 */
export class OwnedObjects {
  readonly #resources: ResourceAccess;
  readonly #catalog: ResourceCatalog;
  readonly #pairs: PairIndex;

  constructor(resources: ResourceAccess, catalog: ResourceCatalog, pairs: PairIndex) {
    this.#resources = resources;
    this.#catalog = catalog;
    this.#pairs = pairs;
  }

  /** The current object; undefined if there is none, or if it can't be collected. */
  async find(place: Place): Promise<OwnedObject | undefined> {
    const resource = await this.#catalog.ofResource(place.resource);
    if (resource === undefined || !isDeletable(resource)) return undefined;
    try {
      const object = await this.#read(resource, place);
      return object && ownedObject(object, resource);
    } catch (error) {
      // Its definition was deleted meanwhile.
      if (error instanceof UnknownResourceError) return undefined;
      throw error;
    }
  }

  async #read(resource: CatalogResource, { namespace, name }: Place): Promise<KubeObject | undefined> {
    const { client } = this.#resources;
    if (!resource.isRemote) return this.#resources.lister<KubeObject>(resource).get(namespace, name, 0);
    return client.get<KubeObject>(resource, { namespace, name }).catch(unless(isNotFound));
  }

  /**
   * The place of the owner in a reference; undefined if it can't be looked up, and so may exist: its kind is not
   * served, or is namespaced while the dependent is cluster-scoped.
   */
  async placeOfOwner(namespace: string, reference: OwnerReference): Promise<OwnerPlace | undefined> {
    const slash = reference.apiVersion.indexOf('/');
    const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
    const resource = await this.#catalog.ofKind(group, reference.kind);
    if (resource === undefined || !isDeletable(resource) || !isOfInterest(resource)) return undefined;
    if (resource.namespaced && namespace === '') return undefined;
    return { resource, namespace: resource.namespaced ? namespace : '', name: reference.name };
  }

  link(owner: Place, dependent: OwnedObject): Promise<void> {
    return this.#pairs.add(placeKey(owner), dependentKey(dependent));
  }

  unlink(owner: Place, dependent: Place, uid: string): Promise<void> {
    return this.#pairs.remove(placeKey(owner), dependentKey({ ...dependent, uid }));
  }

  /** All objects that have, or once had, a reference to `owner`. */
  async dependentsOf(owner: Place): Promise<readonly OwnedObject[]> {
    const dependents = new Map<string, OwnedObject>();
    for (const key of await this.#pairs.valuesOf(placeKey(owner))) {
      const dependent = dependentOfKey(key);
      const found = await this.find(dependent);
      if (found?.uid === dependent.uid) dependents.set(found.uid, found);
      else await this.#pairs.remove(placeKey(owner), key);
    }
    return [...dependents.values()];
  }
}

export function dependentKey(dependent: Place & { readonly uid: string }): string {
  return `${placeKey(dependent)}/${dependent.uid}`;
}

export function dependentOfKey(key: string): Place & { readonly uid: string } {
  const end = key.lastIndexOf('/');
  return { ...placeOfKey(key.slice(0, end)), uid: key.slice(end + 1) };
}

/** Keeps nothing of the object, which may be large. */
export function ownedObject({ metadata }: KubeObject, resource: CatalogResource): OwnedObject {
  const { ownerReferences = [], finalizers = [] } = metadata;
  return {
    resource,
    namespace: ownText(metadata.namespace ?? ''),
    name: ownText(metadata.name ?? ''),
    uid: ownText(metadata.uid ?? ''),
    resourceVersion: ownText(metadata.resourceVersion ?? ''),
    owners: ownerReferences.length === 0 ? [] : ownCopy(ownerReferences),
    finalizers: finalizers.map(ownText),
    isBeingDeleted: metadata.deletionTimestamp !== undefined,
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
  };
}

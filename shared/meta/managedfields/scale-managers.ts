/**
 * Maps the managers of replicas between the two paths of this field, in its own kind and in the scale
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/managedfields/scalehandler.go).
 */

import { atOnce } from '../../util/breathe.ts';
import type { ManagedFieldsEntry } from '../v1/types.ts';
import { FieldSet } from './field-set.ts';
import {
  decodeManagedFields,
  emptyManaged,
  encodeManagedFields,
  type Managed,
  managerIdentifier,
  managerInfo,
} from './managers.ts';
import { fieldElement, type Path } from './path-element.ts';

const SCALE_API_VERSION = 'autoscaling/v1';
const REPLICAS_IN_SCALE = ['spec', 'replicas'].map(fieldElement);

/** Keyed by the parent's apiVersion: the path to its replicas; undefined for a version without a scale. */
export type ReplicasPaths = ReadonlyMap<string, readonly string[] | undefined>;

type Entries = ManagedFieldsEntry[] | undefined;

export class ScaleManagers {
  readonly #parent: Managed;
  readonly #apiVersion: string;
  readonly #paths: ReplicasPaths;

  /** `apiVersion` is the parent's in the request. */
  constructor(parent: Entries | null, apiVersion: string, paths: ReplicasPaths) {
    this.#parent = atOnce(decodeManagedFields(parent));
    this.#apiVersion = apiVersion;
    this.#paths = paths;
  }

  /** The parent's managers that own its replicas, as managers of the scale. */
  toScale(): Entries {
    const managed = emptyManaged();
    for (const [manager, { set, apiVersion, applied }] of this.#parent.fields) {
      const path = this.#path(apiVersion);
      if (path === undefined || !set.has(path)) continue;
      managed.fields.set(manager, {
        set: FieldSet.of(REPLICAS_IN_SCALE),
        apiVersion: SCALE_API_VERSION,
        applied,
      });
      keepTime(managed, this.#parent, manager);
    }
    return atOnce(encodeManagedFields(managed));
  }

  /** The parent's managers after those of the scale have become `entries`. */
  toParent(entries: Entries | null): Entries {
    const scale = atOnce(decodeManagedFields(entries));
    const managed = emptyManaged();
    for (const [manager, versioned] of this.#parent.fields) {
      if (!this.#paths.has(versioned.apiVersion)) continue;
      const path = this.#path(versioned.apiVersion);
      // Upstream looks up an updater under its name in the parent, doesn't find it, and splits its entry.
      const isStolen =
        path !== undefined &&
        versioned.set.has(path) &&
        !scale.fields.delete(inVersion(manager, SCALE_API_VERSION));
      const set = isStolen ? versioned.set.difference(FieldSet.of(path)) : versioned.set;
      if (isStolen && set.isEmpty) continue;
      managed.fields.set(manager, { ...versioned, set });
      keepTime(managed, this.#parent, manager);
    }
    const own = this.#path(this.#apiVersion);
    for (const [manager, { set, applied }] of scale.fields) {
      if (own === undefined || !set.has(REPLICAS_IN_SCALE)) continue;
      const identifier = inVersion(manager, this.#apiVersion);
      managed.fields.set(identifier, { set: FieldSet.of(own), apiVersion: this.#apiVersion, applied });
      // Upstream looks up the time among the parent's managers, which don't have it.
      keepTime(managed, this.#parent, manager);
    }
    return atOnce(encodeManagedFields(managed));
  }

  #path(apiVersion: string): Path | undefined {
    return this.#paths.get(apiVersion)?.map(fieldElement);
  }
}

/** The identifier of the same manager in another version. */
function inVersion(identifier: string, apiVersion: string): string {
  return managerIdentifier({ ...managerInfo(identifier), apiVersion });
}

function keepTime(managed: Managed, from: Managed, manager: string): void {
  const time = from.times.get(manager);
  if (time !== undefined) managed.times.set(manager, time);
}
